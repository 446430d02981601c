// ESLint rule `floors/floors`: which folder of src/ may import which (design section 6).
// Paths are resolved, so no spelling of an import gets around it. It must not know ESLint's other rules.

import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Rule } from 'eslint'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

const MAY_IMPORT: Record<string, readonly string[]> = {
  contract: [],
  lib: ['contract'],
  rules: ['contract', 'lib'],
  ui: ['contract', 'lib', 'rules'],
  db: ['contract', 'lib'],
  data: ['contract', 'lib', 'rules', 'db'],
  transport: ['contract', 'lib', 'data'],
  sw: ['contract', 'lib'],
  field: ['contract', 'lib', 'rules', 'ui', 'data'],
  desk: ['contract', 'lib', 'rules', 'ui', 'data'],
  proof: ['contract', 'lib', 'ui'],
}
// The entries put the parts together: they alone start the sender that the screens only read about.
// The desk keeps no database of its own but the photos that wait to be sent, so desk/data/ is its only door to the server.
const DOORS: readonly string[] = ['field/main.ts', 'desk/main.ts', 'desk/data/']
const PACKAGES_OF: Record<string, readonly string[]> = { 'element-plus': ['desk'], '@element-plus': ['desk'], dexie: ['db'] }

function inside(path: string): string {
  return relative(SRC, path).split(sep).join('/')
}

function targetOf(file: string, specifier: string): string | null {
  if (specifier.startsWith('@/')) return specifier.slice(2)
  return specifier.startsWith('.') ? inside(resolve(dirname(file), specifier)) : null
}

function isDoor(own: string, other: string): boolean {
  return other === 'transport' && DOORS.some((door) => own === door || (door.endsWith('/') && own.startsWith(door)))
}

function complaint(file: string, specifier: string): string | null {
  const own = inside(file)
  const floor = own.split('/')[0] ?? ''
  const allowed = MAY_IMPORT[floor]
  if (!allowed || !own.includes('/') || own.endsWith('.test.ts')) return null
  const target = targetOf(file, specifier)
  if (target === null) {
    const owners = PACKAGES_OF[specifier.split('/')[0] ?? '']
    return owners && !owners.includes(floor) ? `${floor}/ must not import ${specifier}: only ${owners.join(', ')}/ may` : null
  }
  const other = target.split('/')[0] ?? ''
  const fine = other === floor || !(other in MAY_IMPORT) || allowed.includes(other) || isDoor(own, other)
  return fine ? null : `${floor}/ must not import from ${other}/ (it may use: ${allowed.join(', ') || 'nothing'})`
}

export const floors: Rule.RuleModule = {
  meta: { type: 'problem', schema: [], docs: { description: 'folders of src/ import downwards only' } },
  create(context) {
    type Importing = Rule.Node & { source?: { value?: unknown } | null }
    const check = (node: Rule.Node): void => {
      const specifier = (node as Importing).source?.value
      if (typeof specifier !== 'string') return
      const message = complaint(context.filename, specifier)
      if (message) context.report({ node, message })
    }
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check }
  },
}
