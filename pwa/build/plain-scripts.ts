// Makes every file of the app a plain script instead of a module. A browser of the Chromium family compiles plain scripts once, when the
// service worker keeps them, and starts from that for ever after; a module it compiles anew at every start, function by function, while
// the person waits: a slow phone spends a third of a second on it. What a file gives to others lies in `parts`, by the file's name.
// The styles of all later files are one file, for the same slow phone: asking for one of a few lines costs as much as asking for them all.
// src/field/part.ts asks for later files. It must not know what the files do.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

type Node = { type: string; start: number; end: number } & Record<string, unknown>
interface Chunk { type: 'chunk'; fileName: string; name: string; code: string; isEntry: boolean; imports: string[]; viteMetadata?: { importedCss: Set<string> } }
interface Cut { start: number; end: number; by: string }

const FOLDER = 'assets/'
/** The bundler's own few lines, which most files need: they travel in the first one. */
const BUNDLERS = 'rolldown-runtime'
/** Where the bundler would write which styles and files a later file needs first; `part` asks for all of them at once. */
const PRELOADED = '__VITE_PRELOAD__'
/** In src/field/part.ts. */
const STYLES = 'LATER_STYLES'
const HASH_CHARS = 8
const SELF = readFileSync(new URL(import.meta.url))

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string'
const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const quoted = (text: string): string => JSON.stringify(text)
/** An exported or imported name, which may be written as a string. */
const nameOf = (node: unknown): string => String((node as { name?: string; value?: string }).name ?? (node as { value?: string }).value)

/** A string, which the minifier may have written as a template. */
function textOf(node: Node): string {
  const [only] = (node['quasis'] ?? []) as { value: { cooked: string } }[]
  return only?.value.cooked ?? String(node['value'])
}

function* within(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node)) for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) yield* within(each)
}

/** `{a as x}` of an import, as a pattern. */
function pattern(statement: Node): string {
  const names = statement['specifiers'] as Node[]
  return names.map((each) => {
    if (each.type !== 'ImportSpecifier') throw new Error(`a ${each.type} between the app's own files: build/plain-scripts.ts knows only names`)
    return `${nameOf(each['imported'])}:${nameOf(each['local'])}`
  }).join()
}

/** What a later file needs before it, the first to run first; the app's own first file is there anyway. */
function needed(file: string, chunks: ReadonlyMap<string, Chunk>, way: readonly string[] = []): string[] {
  const chunk = chunks.get(file)
  if (!chunk) throw new Error(`${file} is asked for and was not built`)
  if (way.includes(file)) throw new Error(`files that need each other: ${[...way, file].join(' > ')}`)
  if (chunk.isEntry || chunk.name === BUNDLERS) return []
  return [...new Set([...chunk.imports.flatMap((each) => needed(each, chunks, [...way, file])), file])]
}

/** A name that is given away must stay what it is: who takes it has it from then on. */
function staysTheSame(program: Node): void {
  const statements = program['body'] as Node[]
  const given = new Set(statements.filter(({ type }) => type === 'ExportNamedDeclaration').flatMap((each) => (each['specifiers'] as Node[]).map((one) => nameOf(one['local']))))
  const variables = statements.filter((each) => each.type === 'VariableDeclaration' && each['kind'] !== 'const').flatMap((each) => (each['declarations'] as Node[]).map((one) => nameOf(one['id'])))
  const risky = new Set(variables.filter((name) => given.has(name)))
  for (const node of within(program)) {
    const target = node.type === 'AssignmentExpression' ? node['left'] : node.type === 'UpdateExpression' ? node['argument'] : null
    if (isNode(target) && target.type === 'Identifier' && risky.has(nameOf(target))) throw new Error(`${nameOf(target)} is given to other files and changed later: give a function that reads it`)
  }
}

/** What a file takes from others and gives to them becomes a look into `parts`. */
function linked(chunk: Chunk, statements: readonly Node[]): { cuts: Cut[]; takes: string; gives: string } {
  const cuts: Cut[] = []
  let [takes, gives] = ['', '']
  for (const node of statements) {
    const { type, start, end } = node
    if (type === 'ImportDeclaration') {
      if ((node['specifiers'] as Node[]).length) takes += `const{${pattern(node)}}=parts[${quoted(baseName(textOf(node['source'] as Node)))}];`
    } else if (type === 'ExportNamedDeclaration' && !node['declaration'] && !node['source']) {
      gives += (node['specifiers'] as Node[]).map((each) => `${nameOf(each['exported'])}:${nameOf(each['local'])},`).join('')
    } else if (type.startsWith('Export')) throw new Error(`${chunk.fileName} gives something in a way build/plain-scripts.ts does not know: ${type}`)
    else continue
    cuts.push({ start, end, by: '' })
  }
  return { cuts, takes, gives }
}

/** Written after the bundler has made the code old enough for the oldest browsers, so in words they know. `__esModule`: Vue and its router look for the default export only in what says it is a module. */
function plain(chunk: Chunk, program: Node, chunks: ReadonlyMap<string, Chunk>): string {
  const { cuts, takes, gives } = linked(chunk, program['body'] as Node[])
  let self = ''
  for (const node of within(program)) {
    const { type, start, end } = node
    if (type === 'ImportExpression') {
      const files = needed(FOLDER + baseName(textOf(node['source'] as Node)), chunks)
      cuts.push({ start, end, by: `part(${files.map((each) => quoted(baseName(each))).join()})` })
    } else if (type === 'MetaProperty') {
      self = 'const selfUrl=document.currentScript.src;'
      cuts.push({ start, end, by: '{url:selfUrl}' })
    }
  }
  let code = chunk.code
  for (const { start, end, by } of cuts.sort((one, other) => other.start - one.start)) code = code.slice(0, start) + by + code.slice(end)
  return `(function(){"use strict";${self}${takes}${code.trim()};(globalThis.parts=globalThis.parts||{})[${quoted(baseName(chunk.fileName))}]={__esModule:true,${gives}}})();\n`
}

/**
 * The styles of all files but the first, taken out of the bundle: the name of their one file, and what stands in it. What a file needs
 * comes before it: between rules of one weight the later one wins, and a screen says how wide a button of its own is.
 */
function laterStyles(bundle: Record<string, { type: string; fileName: string; source?: string | Uint8Array }>, first: Chunk, chunks: ReadonlyMap<string, Chunk>): [string, string] {
  const inOrder = [...chunks.keys()].sort().flatMap((file) => needed(file, chunks)).flatMap((file) => [...(chunks.get(file)?.viteMetadata?.importedCss ?? [])])
  const names = [...new Set(inOrder)].filter((name) => !first.viteMetadata?.importedCss.has(name))
  const left = Object.keys(bundle).filter((name) => name.endsWith('.css') && !names.includes(name) && !first.viteMetadata?.importedCss.has(name))
  if (left.length) throw new Error(`styles of no file: ${left.join()}`)
  const styles = names.map((name) => String(bundle[name]?.source)).join('')
  for (const name of names) Reflect.deleteProperty(bundle, name)
  return [`later-${createHash('sha256').update(styles).digest('hex').slice(0, HASH_CHARS)}.css`, styles]
}

export function plainScripts(): Plugin {
  return {
    name: 'grid-inspector:plain-scripts',
    apply: 'build',
    enforce: 'post',
    augmentChunkHash: () => SELF.toString(), // other files when this one changes
    renderChunk(code) {
      staysTheSame(this.parse(code) as unknown as Node)
      return { code: code.replaceAll(PRELOADED, 'void 0'), map: null }
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = Object.values(bundle).filter((file) => file.type === 'chunk') as unknown as Chunk[]
        const chunks = new Map(files.map((chunk) => [chunk.fileName, chunk]))
        const made = files.map((chunk) => [chunk, plain(chunk, this.parse(chunk.code) as unknown as Node, chunks)] as const)
        for (const [chunk, code] of made) chunk.code = code
        const [first, bundlers] = [files.find(({ isEntry }) => isEntry), files.find(({ name }) => name === BUNDLERS)]
        if (!first || !bundlers) throw new Error('the app has no first file, or the bundler has no lines of its own any more')
        const [name, styles] = laterStyles(bundle, first, chunks)
        this.emitFile({ type: 'asset', fileName: FOLDER + name, source: styles })
        first.code = bundlers.code + first.code.replace(STYLES, name)
        Reflect.deleteProperty(bundle, bundlers.fileName)
      },
    },
    // at the end of the page, where it runs as soon as it is there: one that waits for the whole page waits for a paint of the page as well
    transformIndexHtml: {
      order: 'post',
      handler: (html) => {
        const [tag, source] = /<script type="module" crossorigin (src="[^"]+")><\/script>/.exec(html) ?? []
        if (!tag) throw new Error('the page has no script of the app')
        return html.replace(tag, '').replace('</body>', `<script ${source}></script></body>`)
      },
    },
  }
}
