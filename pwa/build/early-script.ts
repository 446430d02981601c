// Puts the script of src/field/early.ts into the page's head, as a file of its own because the page's policy allows no
// script inside it: it runs before the first paint, while the app is still on its way. It must not know what the script does.

import { fileURLToPath } from 'node:url'
import { build, type AliasOptions, type Plugin, type Rolldown } from 'vite'

const SOURCE = fileURLToPath(new URL('../src/field/early.ts', import.meta.url))
const NAME = 'early.js'
/** After the lines that a look changes, before the style sheets, which a script would wait for. */
const PLACE = '<!-- early -->'

export function earlyScript({ target }: { target: string[] }): Plugin {
  let base = '/'
  let alias: AliasOptions = []
  return {
    name: 'grid-inspector:early-script',
    apply: 'build',
    configResolved(config) {
      base = config.base
      alias = config.resolve.alias
    },
    async buildStart() {
      const made = await build({
        configFile: false,
        logLevel: 'warn',
        resolve: { alias },
        publicDir: false,
        build: { target, write: false, reportCompressedSize: false, lib: { entry: SOURCE, formats: ['iife'], name: 'early', fileName: () => NAME } },
      })
      for (const { output } of made as Rolldown.RolldownOutput[]) this.emitFile({ type: 'asset', name: NAME, source: output[0].code })
    },
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle }) => {
        const script = Object.values(bundle ?? {}).find((file) => file.type === 'asset' && file.names.includes(NAME))
        if (!script || !html.includes(PLACE)) throw new Error('the early script was not built, or has no place in the page')
        return html.replace(PLACE, `<script src="${base}${script.fileName}"></script>`)
      },
    },
  }
}
