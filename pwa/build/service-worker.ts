// Compiles src/sw/sw.ts into dist/field/sw.js and tells it which files the field app consists of.
// The list holds exactly what this build wrote plus public/field/**; its hash is the app's version,
// so an unchanged app gives an unchanged worker. It must not know what the app does.

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { build, type Plugin, type ResolvedConfig } from 'vite'

// src/transport/other.worker.ts: another 50 KB for every phone, and of use only while the station answers
const ONLINE_ONLY = /\/other\.worker-/

interface Options {
  target: string[]
}

interface Precached {
  url: string
  hash: string
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

function hashOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

async function precache(folder: string, base: string, names: readonly string[]): Promise<Precached[]> {
  const unique = [...new Set(names)].sort()
  return Promise.all(
    unique.map(async (name) => ({
      url: base + name.split(sep).join('/'),
      hash: hashOf(await readFile(join(folder, name))),
    })),
  )
}

export function serviceWorker({ target }: Options): Plugin {
  let config: ResolvedConfig
  return {
    name: 'grid-inspector:service-worker',
    apply: 'build',
    configResolved(resolved) {
      config = resolved
    },
    async writeBundle(_options, bundle) {
      const out = config.build.outDir
      const publicFiles = (await filesBelow(join(config.publicDir, 'field'))).map((path) =>
        relative(config.publicDir, path),
      )
      const written = Object.keys(bundle).filter((name) => !name.endsWith('files.json') && !ONLINE_ONLY.test(name))
      const files = await precache(out, config.base, [...written, ...publicFiles])
      const version = hashOf(JSON.stringify(files))
      await build({
        configFile: false,
        logLevel: 'warn',
        root: config.root,
        base: config.base,
        publicDir: false,
        resolve: { alias: config.resolve.alias },
        define: {
          __APP_FILES__: JSON.stringify(files.map((file) => file.url)),
          __APP_VERSION__: JSON.stringify(version),
        },
        build: {
          target,
          outDir: join(out, 'field'),
          emptyOutDir: false,
          copyPublicDir: false,
          reportCompressedSize: false,
          lib: {
            entry: join(config.root, 'src/sw/sw.ts'),
            formats: ['iife'],
            name: 'gridInspectorWorker',
            fileName: () => 'sw.js',
          },
        },
      })
    },
  }
}
