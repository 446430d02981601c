// Makes the field app English while it is built, before anything else sees the sources: not a byte of either language, and of no
// library that would choose between them, reaches a phone that reads the other. A text without English stops the build.
// The Chinese build does not know this file.

import type { Plugin } from 'vite'
import { MANIFEST, PAGE, allWords, manifest, sourcePath } from './sources.ts'
import { inEnglish, pageInEnglish } from './words.ts'

export const ENGLISH_BASE = '/en/'

/** Of the app's modules; workers are built apart and need it too. */
export function englishSources(): Plugin {
  const words = allWords()
  return {
    name: 'grid-inspector:english-sources',
    enforce: 'pre',
    transform(code, id) {
      const path = sourcePath(id)
      return path ? { code: inEnglish(path, code, words), map: null } : null
    },
  }
}

/** Of the page and the manifest. */
export function englishPage(): Plugin {
  const words = allWords()
  return {
    name: 'grid-inspector:english-page',
    transformIndexHtml: { order: 'pre', handler: (html) => pageInEnglish(PAGE, html, words) },
    generateBundle() {
      // written after the public files, before the service worker's list is made of what lies there
      const own = pageInEnglish(MANIFEST, manifest(), words).replaceAll('"/field/', `"${ENGLISH_BASE}field/`).replace('"zh-CN"', '"en"')
      this.emitFile({ type: 'asset', fileName: MANIFEST, source: own })
    },
  }
}
