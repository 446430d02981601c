// The phone's real code as one function that can be called once per page: bundled as for a browser, every global looked up in
// the page it is given. Another copy of pwa/src can stand in, which is how deliberate bugs are tried.
// It must not change a line of what it bundles.

import { fileURLToPath } from 'node:url'
import { build, type Rolldown } from 'vite'
import * as vue from 'vue'
import type * as entry from './phone_entry.ts'

export type PhoneApp = typeof entry
export type PhoneCode = (globals: object) => PhoneApp

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
export const SOURCE = here('../../src')

export async function phoneCode(source: string = SOURCE): Promise<PhoneCode> {
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    root: here('../..'),
    resolve: { alias: { '@': source, dexie: here('../../node_modules/dexie/dist/modern/dexie.mjs') } },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: here('./phone_entry.ts'), formats: ['cjs'], fileName: 'phone' },
      // screens are not here, so that what Vue keeps is only refs: one copy serves all pages
      rolldownOptions: { external: ['vue'], output: { codeSplitting: false }, checks: { emptyImportMeta: false } },
    },
  })) as Rolldown.RolldownOutput[]
  const code = built[0]?.output[0]?.code ?? ''
  // `with` makes the page the phone's global object; inside, the code is as strict as in a browser
  const load = new Function('globals', 'require', 'exports', `with (globals) { (function () { "use strict";\n${code}\n})() }\nreturn exports`) as (
    globals: object, require: () => unknown, exports: object,
  ) => PhoneApp
  return (globals) => load(globals, () => vue, {})
}
