// Vitest: TypeScript units beside their sources (src/**/*.test.ts) and shared vectors (tests/**/*.test.ts).
// Node is the default environment; a test of a component says `// @vitest-environment jsdom` in its first line.

import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts', 'english/**/*.test.ts'],
    environment: 'node',
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 30_000, // a machine with other work; what hangs is found all the same
    restoreMocks: true,
  },
})
