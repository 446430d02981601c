// `node tests/shaped_line.bundle.ts <file>`: shaped_line.ts and all of the phone it uses as one script for a browser's page, which
// finds it as `fieldDay`. It must not change a line of what it bundles.

import { fileURLToPath } from 'node:url'
import { basename, dirname } from 'node:path'
import { build } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const [out = ''] = process.argv.slice(2)

await build({
  configFile: false,
  logLevel: 'error',
  root: here('..'),
  resolve: { alias: { '@': here('../src') } },
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: dirname(out),
    emptyOutDir: false,
    minify: false,
    target: 'es2022',
    lib: { entry: here('./shaped_line.ts'), formats: ['iife'], name: 'fieldDay', fileName: () => basename(out) },
    rolldownOptions: { output: { codeSplitting: false } },
  },
})
