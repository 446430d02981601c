// What each answer to a matter says, as the facts of one decision, and which facts answer a wrong one. Pure, apart from fresh ids.
// It must not know what the page looks like.

import type { RowConflict } from '@/contract/wire'
import { confirmGeneral, returnHazard, returnInspection } from '../deciding_facts'
import { fact, type DeskFact } from '../data/decisions'
import type { Entry, HazardRow, InspectionRow, Matter, MatterSide } from '../data/types'
import { dayWords } from '../saying'

/** One thing the chief may press. `facts` are made when it is pressed, from the rows as they stand then. */
export interface Answer {
  name: string
  words: string
  main?: boolean
  /** what the card says afterwards */
  done: string
}

/** The side that is asked about: the later one, or the only one. */
export const laterOf = (matter: Pick<Matter, 'sides'>): MatterSide => matter.sides[matter.sides.length - 1] ?? matter.sides[0]

interface Headed {
  id: string
  heads?: string[]
}
export interface Likely extends Headed {
  number?: string | null
  level: string | null
  review?: string
  at?: string | null
}

const LEVELS = ['general', 'suspected_major', 'major']
const BOTH_SEEN = '两边都看过'

// --- likely the same ---

/** The graver record is kept, then the one that has come further, then the earlier one. */
export function keptOf<Row extends Likely>(one: Row, other: Row): [kept: Row, double: Row] {
  const weight = (row: Row): number[] => [LEVELS.indexOf(row.level ?? ''), Number(row.review === 'confirmed')]
  const [a, b] = [weight(one), weight(other)]
  const graver = (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0)
  if (graver !== 0) return graver > 0 ? [one, other] : [other, one]
  return (one.at ?? '') <= (other.at ?? '') ? [one, other] : [other, one]
}

export const nameOf = (row: { number?: string | null }): string => row.number ?? '没编号的一条'

export function merge(kept: Likely, double: Likely): DeskFact[] {
  return [
    fact('hazard.linked', kept, { other: double.id, relation: 'same' }),
    ...then(fact('hazard.linked', double, { other: kept.id, relation: 'same' }), 'hazard.voided', { reason: `和 ${nameOf(kept)} 是同一处，并到那一条`, duplicate_of: kept.id }),
  ]
}

export function notSame(one: Headed, other: Headed): DeskFact[] {
  return [fact('hazard.linked', one, { other: other.id, relation: 'not_same' })]
}

/** A wrong merging is answered: the double stands by itself again, and nobody asks about the two any more. */
export function split(kept: Headed, double: Headed): DeskFact[] {
  return [
    ...then(fact('hazard.reopened', double, { reason: '不是同一处，恢复成两条' }), 'hazard.linked', { other: kept.id, relation: 'not_same' }),
    fact('hazard.linked', kept, { other: double.id, relation: 'not_same' }),
  ]
}

function then(first: DeskFact, kind: string, body: Record<string, unknown>): DeskFact[] {
  return [first, fact(kind, { id: first.subject, heads: [first.id] }, body)]
}

// --- a photo of another visit ---

type Alike = Matter['alike'][number]

export function photosFine(side: MatterSide, alike: readonly Alike[]): DeskFact[] {
  return checked(side.row, alike, 'fine')
}

export function mayRetake(side: MatterSide): boolean {
  return side.allowed.includes(side.row.type === 'inspection' ? 'inspection.reviewed' : 'hazard.returned')
}

/** Back to the phone with a word beside the photo; the pair is answered with it, so that it is not asked again. */
export function photosAgain(later: MatterSide, earlier: MatterSide, alike: readonly Alike[], today: string): DeskFact[] {
  const said = checked(later.row, alike, 'retake')
  const last = said[said.length - 1]
  const about = { ...later.row, heads: last ? [last.id] : later.row.heads }
  const remarks = [{ field: 'photos', text: againWords(later, earlier, alike, today) }]
  const back = about.type === 'inspection' ? returnInspection(about as InspectionRow, remarks) : returnHazard(about as HazardRow, remarks)
  return [...said, ...back]
}

export function againWords(later: MatterSide, earlier: MatterSide, alike: readonly Alike[], today: string): string {
  const same = alike.some((pair) => pair.sha256 === pair.other) ? '是同一张' : '几乎一样'
  if (later.row.id === earlier.row.id) return `整改后的照片和整改前的${same}，请到现场补拍一张。`
  return `照片和 ${[dayWords(dayOf(earlier.row), today), earlier.site?.name].filter(Boolean).join(' ')} 的那张${same}，请到现场补拍一张。`
}

export function dayOf(row: MatterSide['row']): string | null {
  if (row.type === 'hazard') return (row as HazardRow).found_on
  return row.type === 'inspection' ? (row as InspectionRow).day : null
}

function checked(row: Headed, alike: readonly Alike[], result: 'fine' | 'retake'): DeskFact[] {
  const made: DeskFact[] = []
  for (const { sha256, other } of alike) {
    const before = made[made.length - 1]
    made.push(fact('photo.checked', before ? { id: row.id, heads: [before.id] } : row, { sha256, other, result }))
  }
  return made
}

// --- endings that contradict each other ---

const entryOf = (entries: readonly Entry[], facts: readonly string[], kind: string): Entry | undefined => entries.find((entry) => entry.kind === kind && facts.includes(entry.fact ?? ''))

/** What may be said about two endings: only what the station would take. */
export function endingsOf(side: Pick<MatterSide, 'row' | 'allowed'>, conflict: RowConflict, entries: readonly Entry[]): Answer[] {
  const facts = conflict.facts ?? []
  if (side.row.type === 'inspection') return endingsOfInspection(side, facts, entries)
  const row = side.row as HazardRow
  const may = (kind: string): boolean => side.allowed.includes(kind)
  const endings = conflict.endings ?? []
  const answers: Answer[] = []
  if (endings.includes('closed') && may('hazard.closed')) {
    const before = entryOf(entries, facts, 'hazard.closed')
    answers.push({ name: 'close', words: before ? '维持销号' : '按改好了算，销号', done: '销号了' })
  }
  if (endings.includes('void') && may('hazard.voided')) answers.push({ name: 'void', words: '维持作废', done: '作废了' })
  if (endings.length > 0 && may('hazard.reopened')) answers.push({ name: 'reopen', words: '重新打开，接着整改', done: '重新打开了' })
  if (endings.length === 0 && row.review === 'submitted') {
    if (row.level === 'general' && may('hazard.confirmed')) answers.push({ name: 'confirm', words: '按定级算，定为一般', done: '定为一般了', main: true })
    if (entryOf(entries, facts, 'hazard.returned') && may('hazard.returned')) answers.push({ name: 'return', words: '按退回算', done: '退回了，手机上会看到' })
  }
  return answers
}

function endingsOfInspection(side: Pick<MatterSide, 'row' | 'allowed'>, facts: readonly string[], entries: readonly Entry[]): Answer[] {
  if (!side.allowed.includes('inspection.reviewed')) return []
  const answers: Answer[] = [{ name: 'accept', words: '收下这份检查', done: '收下了', main: true }]
  if (returnedOf(entries, facts)) answers.push({ name: 'return', words: '按退回算', done: '退回了，手机上会看到' })
  if (entryOf(entries, facts, 'inspection.voided')) answers.push({ name: 'void', words: '维持作废', done: '作废了' })
  return answers
}

const returnedOf = (entries: readonly Entry[], facts: readonly string[]): Entry | undefined => entries.find((entry) => entry.kind === 'inspection.reviewed' && entry.body['outcome'] === 'returned' && facts.includes(entry.fact ?? ''))

/** The judgement itself, after everything the page showed: it has seen both sides. */
export function end(name: string, row: MatterSide['row'], conflict: RowConflict, entries: readonly Entry[]): DeskFact[] {
  const facts = conflict.facts ?? []
  const of = (kind: string): Entry['body'] => entryOf(entries, facts, kind)?.body ?? {}
  if (row.type === 'inspection') {
    if (name === 'accept') return [fact('inspection.reviewed', row, { outcome: 'accepted' })]
    if (name === 'return') return [fact('inspection.reviewed', row, { outcome: 'returned', remarks: returnedOf(entries, facts)?.body['remarks'] ?? [] })]
    return [fact('inspection.voided', row, { reason: of('inspection.voided')['reason'] ?? BOTH_SEEN })]
  }
  if (name === 'close') return [fact('hazard.closed', row, { override_reason: `${BOTH_SEEN}，按改好了算` })]
  if (name === 'void') return [fact('hazard.voided', row, { reason: of('hazard.voided')['reason'] ?? BOTH_SEEN, duplicate_of: of('hazard.voided')['duplicate_of'] })]
  if (name === 'reopen') return [fact('hazard.reopened', row, { reason: `${BOTH_SEEN}，接着整改` })]
  if (name === 'confirm') return confirmGeneral(row as HazardRow)
  return [fact('hazard.returned', row, { remarks: of('hazard.returned')['remarks'] ?? [] })]
}

/** What may answer an ending that was said by mistake, as far as one fact can. */
export function undoEnding(name: string, row: Headed): DeskFact[] {
  return name === 'close' || name === 'void' ? [fact('hazard.reopened', row, { reason: '刚才定错了，重新打开' })] : []
}
