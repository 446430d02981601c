// One project, two apps: `vite build --mode field` and `vite build --mode desk` (which brings the public page proof/ along), and the
// field app once more in English: `vite build --mode field-en`, a whole app of its own below /en/.
// They are built apart so that nothing of the desk (its screens, and the parts of Vue only it needs)
// can end up in a file a phone downloads.

import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type PluginOption } from 'vite'
import { earlyScript } from './build/early-script.ts'
import { plainScripts } from './build/plain-scripts.ts'
import { routerMemory } from './build/router-memory.ts'
import { serviceWorker } from './build/service-worker.ts'
import { ENGLISH_BASE, englishPage, englishSources } from './english/plugin.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const OWN_MODULES = /\/pwa\/src\/(data|lib|rules|ui|contract)\/[^?]*\.ts$/
// what a new phone waits for after the first load, and what others share with that: in a file each it would be two rounds over the line
const DOOR = /\/field\/icon-192\.png|\/src\/(db\/(spaces|pulled|pictures)\.ts|field\/(screens\/EnrolScreen\.vue|parts\/LanguageSwitch\.vue|lock\/start_again|words\.ts)|ui\/AppButton\.vue|data\/(applied_rows|enrol|leaving|people|pin|site_brief_maker|witness)|lib\/signature)/
// what nearly every tap of 今天 leads to: in twenty files a slow phone spends a third of a second on asking for them
const SITE_PAGE = /\/src\/(data\/(begin|sites|site_file|views|notices|station_settings|pictures)\.ts|contract\/site_fields\.ts|rules\/(days|expression|notice_words)\.ts|field\/hazard_story\.ts|field\/screens\/SiteScreen\.vue|field\/parts\/(FileLines|HazardCard|PhotoPicture|SiteFile)\.vue|ui\/(Sheet\.vue|month_text\.ts))/
const TARGET = ['es2019', 'chrome87', 'safari14']

const INPUTS: Record<'field' | 'desk', Record<string, string>> = {
  field: { index: here('./field/index.html') },
  desk: { desk: here('./desk/index.html'), proof: here('./proof/index.html') },
}

export default defineConfig(({ mode, command }) => {
  const app = mode === 'desk' ? 'desk' : 'field'
  const inEnglish = mode === 'field-en'
  const plugins: PluginOption[] = inEnglish ? [englishSources(), englishPage(), vue()] : [vue()]
  if (app === 'field' && command === 'build') plugins.push(earlyScript({ target: TARGET }), routerMemory(), plainScripts(), serviceWorker({ target: TARGET }))
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
      modulePreload: app === 'field' ? false : { polyfill: false }, // build/plain-scripts.ts: what a file needs is asked for with it
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2000,
      manifest: `${app}/files.json`,
      rolldownOptions: {
        input: INPUTS[app],
        checks: { bundlerTimings: false },
        // our own modules matter only to whoever uses something of them: without this the front door src/data/index.ts
        // would bring taking photos and finishing visits into the first load
        // what the first screen needs comes in one file, however the later ones share it: one to ask for, and packed better together
        ...(app === 'field' && { output: { codeSplitting: { groups: [{ name: 'index', tags: ['$initial'], priority: 1 }, { name: 'door', test: DOOR, includeDependenciesRecursively: false }, { name: 'site', test: SITE_PAGE, includeDependenciesRecursively: false }] } } }),
        treeshake: { moduleSideEffects: [{ test: OWN_MODULES, sideEffects: false }] },
      },
    },
  }
})
