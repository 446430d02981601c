// Types for what Vite resolves that TypeScript alone does not know.
/// <reference types="vite/client" />
