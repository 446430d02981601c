// Puts the script of src/field/early.ts before the app's own in the page, as a file of its own: it runs while the others are still on their way.
// It must not know what the script does.

import type { Plugin } from 'vite'

export const EARLY = 'early'

export function earlyScript(): Plugin {
  let base = '/'
  return {
    name: 'grid-inspector:early-script',
    apply: 'build',
    configResolved(config) {
      base = config.base
    },
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) => {
        const script = Object.values(bundle ?? {}).find((file) => file.type === 'chunk' && file.isEntry && file.name === EARLY)
        if (!script) throw new Error('the early script was not built')
        return [{ tag: 'script', attrs: { type: 'module', async: true, crossorigin: true, src: `${base}${script.fileName}` }, injectTo: 'head-prepend' }]
      },
    },
  }
}
