// Finds every Chinese text of a source file that people read: in scripts (plain and template strings), in Vue templates (text with what
// is filled in, and attributes) and in the page. The Chinese text itself is the key. What is recorded or compared is the same in every
// language: a comment `stays Chinese: why` before a statement, a property in the same line, or in the words a file opens with, leaves it out.
// It must not know any translation.

import { parse as parseVue } from '@vue/compiler-sfc'
import type { AttributeNode, DirectiveNode, ElementNode, InterpolationNode, TemplateChildNode, TextNode } from '@vue/compiler-core'
import ts from 'typescript'

/** One text: where it stands, and the source of what is filled in for {0}, {1} ... */
export interface Message {
  key: string
  start: number
  end: number
  form: 'script' | 'text' | 'attribute'
  /** source ranges of what is filled in; they may hold messages of their own */
  holes: readonly { start: number; end: number }[]
}

const CHINESE = /[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]/
export const isChinese = (text: string): boolean => CHINESE.test(text)

/** Why a text is left out of all translation. */
const STAYS = /stays Chinese: (.+?)\s*(?:\*\/)?$/m

/** The comment a file opens with: lines of their own, then an empty one. */
const HEAD = /^\s*(?:\/\/.*\n)+(?=\n)/

const NODE = { element: 1, text: 2, interpolation: 5, attribute: 6, directive: 7 } as const

export function messagesOf(path: string, code: string): Message[] {
  if (!path.endsWith('.vue')) return inScript(code, 0)
  const { descriptor, errors } = parseVue(code, { filename: path, ignoreEmpty: false })
  if (errors.length > 0) throw errors[0]
  const scripts = [descriptor.script, descriptor.scriptSetup].flatMap((block) => (block ? inScript(block.content, block.loc.start.offset) : []))
  return [...scripts, ...(descriptor.template?.ast?.children ? inChildren(descriptor.template.ast.children) : [])]
}

// ---- scripts -----------------------------------------------------------------------------------

function inScript(code: string, offset: number): Message[] {
  const source = ts.createSourceFile('script.ts', code, ts.ScriptTarget.Latest, true)
  const found: Message[] = []
  if (STAYS.test(HEAD.exec(code)?.[0] ?? '')) return []
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || (!ts.isSourceFile(node) && stays(node, code))) return
    const message = ofNode(node, source, offset)
    if (message && isChinese(message.key)) found.push(message)
    node.forEachChild(visit)
  }
  visit(source)
  return found
}

function stays({ pos: start, end: last }: ts.Node, code: string): boolean {
  const beside = (ts.getTrailingCommentRanges(code, start) ?? []).filter(({ kind }) => kind === ts.SyntaxKind.MultiLineCommentTrivia)
  return start < last && [...beside, ...(ts.getLeadingCommentRanges(code, start) ?? [])].some(({ pos, end }) => STAYS.test(code.slice(pos, end)))
}

function ofNode(node: ts.Node, source: ts.SourceFile, offset: number): Message | null {
  const place = { start: node.getStart(source) + offset, end: node.end + offset, form: 'script' as const }
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return { ...place, key: node.text, holes: [] }
  if (!ts.isTemplateExpression(node)) return null
  const holes = node.templateSpans.map(({ expression }) => ({ start: expression.getStart(source) + offset, end: expression.end + offset }))
  return { ...place, key: node.templateSpans.reduce((key, span, at) => `${key}{${at}}${span.literal.text}`, node.head.text), holes }
}

// ---- templates ---------------------------------------------------------------------------------

type Run = (TextNode | InterpolationNode)[]

/** Text and what is filled in beside it are one message, so that a translation may put them in another order. */
function inChildren(children: readonly TemplateChildNode[]): Message[] {
  const found: Message[] = []
  let run: Run = []
  const close = (): void => {
    found.push(...ofRun(run))
    run = []
  }
  for (const child of children) {
    if (child.type === NODE.text || child.type === NODE.interpolation) run.push(child as TextNode | InterpolationNode)
    else {
      close()
      if (child.type === NODE.element) found.push(...inElement(child as ElementNode))
    }
  }
  close()
  return found
}

function ofRun(run: Run): Message[] {
  const filled = run.filter((node): node is InterpolationNode => node.type === NODE.interpolation)
  const inside = filled.flatMap((node) => inExpression(node.content.loc))
  const holes = filled.map(({ content: { loc } }) => ({ start: loc.start.offset, end: loc.end.offset }))
  let hole = 0
  const text = run.map((node) => (node.type === NODE.text ? (node as TextNode).content : `{${hole++}}`)).join('')
  const first = run[0], last = run.at(-1)
  if (!first || !last || !isChinese(text)) return inside
  return [{ key: text.replace(/\s+/g, ' ').trim(), start: first.loc.start.offset, end: last.loc.end.offset, form: 'text', holes }, ...inside]
}

function inElement(element: ElementNode): Message[] {
  return [...element.props.flatMap((prop) => (prop.type === NODE.attribute ? inAttribute(prop as AttributeNode) : inDirective(prop as DirectiveNode))), ...inChildren(element.children)]
}

function inAttribute({ value }: AttributeNode): Message[] {
  if (!value || !isChinese(value.content)) return []
  return [{ key: value.content, start: value.loc.start.offset, end: value.loc.end.offset, form: 'attribute', holes: [] }]
}

function inDirective({ exp }: DirectiveNode): Message[] {
  return exp ? inExpression(exp.loc) : []
}

function inExpression(loc: { start: { offset: number }; source: string }): Message[] {
  // in brackets, so that { a: 'b' } is an object and no block; a handler of several statements reads all the same
  return inScript(`(${loc.source})`, loc.start.offset - 1)
}

// ---- the page ----------------------------------------------------------------------------------

/** Text between tags and attributes in double quotes; the page has neither scripts nor comments of its own that hold any. */
export function messagesOfPage(html: string): Message[] {
  const found: Message[] = []
  for (const { 0: text, index } of html.matchAll(/"[^"<>]*"|(?<=>)[^<>]+(?=<)/g)) {
    if (!isChinese(text)) continue
    const attribute = text.startsWith('"')
    found.push({ key: attribute ? text.slice(1, -1) : text.trim(), start: index, end: index + text.length, form: attribute ? 'attribute' : 'text', holes: [] })
  }
  return found
}
