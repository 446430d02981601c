// The router reads the tab's sessionStorage while it is being loaded, and in a browser just started that stops the page until the
// browser's storage is awake: a tenth of a cold start. What it keeps there (where pages were scrolled to) then lives as long as the page.
// It must not change anything else; a version of the router that does it differently stops the build.

import type { Plugin } from 'vite'

const READS = 'JSON.parse(sessionStorage[SCROLL_KEY])'
const WRITES = 'sessionStorage[SCROLL_KEY] = JSON.stringify(scrollPositions);'

export function routerMemory(): Plugin {
  let changed = false
  return {
    name: 'grid-inspector:router-memory',
    apply: 'build',
    transform(code, id) {
      if (!id.includes('/vue-router/') || !code.includes('SCROLL_KEY')) return null
      if (!code.includes(READS) || !code.includes(WRITES)) this.error('the router keeps its scroll positions differently now: look at build/router-memory.ts')
      changed = true
      return { code: code.replace(READS, '{}').replace(WRITES, ''), map: null }
    },
    buildEnd(error) {
      if (!error && !changed) this.error('the router no longer keeps scroll positions: build/router-memory.ts can go')
    },
  }
}
