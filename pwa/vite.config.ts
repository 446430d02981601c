// One project, two apps: `vite build --mode field` and `vite build --mode desk` (which brings the public page proof/ along), and the
// field app once more in English: `vite build --mode field-en`, a whole app of its own below /en/.
// They are built apart so that nothing of the desk (its screens, and the parts of Vue only it needs)
// can end up in a file a phone downloads.

import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type PluginOption } from 'vite'
import { EARLY, earlyScript } from './build/early-script.ts'
import { routerMemory } from './build/router-memory.ts'
import { serviceWorker } from './build/service-worker.ts'
import { ENGLISH_BASE, englishPage, englishSources } from './english/plugin.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const OWN_MODULES = /\/pwa\/src\/(data|lib|rules|ui|contract)\/[^?]*\.ts$/
// what src/field/early.ts needs, and nothing else: it runs while the rest is on its way
const AHEAD = /\/src\/db\/(early|reading)\.ts$/
const FIRST_STORE = /\/node_modules\/dexie\/|\/src\/(db\/(access|user|cache|trouble|emergency|strict_put)|data\/(signal|loaded|outcome|identity|rows|checklists|days|drafts)|lib\/(bytes|uuid7|time))\.ts$/
// one small file each to the bundler, and a way over the line each to a phone: they are in the first load anyway
const FIRST_BITS = /plugin-vue:export-helper|\/node_modules\/vue-router\//
// what a new phone waits for after the first load: in a file each it would be two rounds over the line
const DOOR = /\/src\/(field\/(screens\/EnrolScreen\.vue|parts\/LanguageSwitch\.vue|lock\/start_again|words\.ts)|ui\/AppButton\.vue|data\/(enrol|leaving|people|witness)|lib\/signature)/
// what nearly every tap of 今天 leads to: in twenty files a slow phone spends a third of a second on asking for them
const SITE_PAGE = /\/src\/(data\/(begin|sites|views|notices|station_settings|pictures|applied_rows|site_brief_maker|pin)\.ts|db\/pictures\.ts|contract\/site_fields\.ts|field\/hazard_story\.ts|field\/parts\/(HazardCard|PhotoPicture|SiteFile)\.vue|ui\/(Sheet\.vue|month_text\.ts))/
// A link in the page for each file of a screen costs a slow phone a third of a second at its start; files it keeps need none, as the
// browser asks for them by itself. Only the door comes over the line, where they save a round.
const FROM_THE_LINE = /EnrolScreen/
const TARGET = ['es2019', 'chrome87', 'safari14']

const INPUTS: Record<'field' | 'desk', Record<string, string>> = {
  field: { index: here('./field/index.html'), [EARLY]: here('./src/field/early.ts') },
  desk: { desk: here('./desk/index.html'), proof: here('./proof/index.html') },
}

export default defineConfig(({ mode, command }) => {
  const app = mode === 'desk' ? 'desk' : 'field'
  const inEnglish = mode === 'field-en'
  const plugins: PluginOption[] = inEnglish ? [englishSources(), englishPage(), vue()] : [vue()]
  if (app === 'field' && command === 'build') plugins.push(earlyScript(), routerMemory(), serviceWorker({ target: TARGET }))
  return {
    root: here('.'),
    base: inEnglish ? ENGLISH_BASE : '/',
    publicDir: here('./public'),
    plugins,
    // Options API code and Dexie's ES5 build would cost the phone 4 KB it never uses
    ...(app === 'field' && { define: { __VUE_OPTIONS_API__: 'false' } }),
    ...(inEnglish && { worker: { plugins: () => [englishSources()] } }),
    resolve: { alias: { '@': here('./src'), dexie: here('./node_modules/dexie/dist/modern/dexie.mjs') } },
    build: {
      target: TARGET,
      outDir: here(inEnglish ? './dist/en' : './dist'),
      emptyOutDir: false, // the other app is built beside this one; old chunks are kept for open pages
      copyPublicDir: app === 'field',
      assetsDir: 'assets',
      assetsInlineLimit: 1024,
      modulePreload: { polyfill: false, resolveDependencies: (file, deps, { hostType }) => (hostType === 'html' || FROM_THE_LINE.test(file) ? deps : []) },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2000,
      manifest: `${app}/files.json`,
      rolldownOptions: {
        input: INPUTS[app],
        checks: { bundlerTimings: false },
        // our own modules matter only to whoever uses something of them: without this the front door src/data/index.ts
        // would bring taking photos and finishing visits into the first load
        // what the first screen reads with comes in one file, however the later ones share it: fewer to open, and packed better together
        ...(app === 'field' && { output: { codeSplitting: { groups: [{ name: 'ahead', test: AHEAD, priority: 1 }, { name: 'store', test: FIRST_STORE }, { name: 'frame', test: FIRST_BITS }, { name: 'door', test: DOOR, includeDependenciesRecursively: false }, { name: 'site', test: SITE_PAGE, includeDependenciesRecursively: false }] } } }),
        treeshake: { moduleSideEffects: [{ test: OWN_MODULES, sideEffects: false }] },
      },
    },
  }
})
