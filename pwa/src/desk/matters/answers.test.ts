// Each answer to a matter is exactly the facts that say so, after everything the page showed; wrong ones are answered by others.

import { describe, expect, it } from 'vitest'
import type { Entry, MatterSide } from '../data/types'
import { hazard, inspection } from '../rows.fixture'
import * as answers from './answers'

const side = (row: MatterSide['row'], allowed: string[] = []): MatterSide => ({ row, site: { id: 's1', name: '老街川味馆' }, area: '', author: '', received_at: null, photos: [], allowed })
const entry = (fact: string, kind: string, body: Entry['body'] = {}): Entry => ({ fact, kind, body, author: 'a', at: null, received_at: '', photos: [], enrolment: null, admitted: true, sha256: '', i: 0, offset_ms: null, verdict: 'admitted', batch: null, where: null, redacted: false })
const closing = { type: 'outcome', facts: ['c', 'r'], endings: ['closed'] }

describe('likely the same', () => {
  it('keeps the graver record, then the one that has come further, then the earlier one', () => {
    const early = hazard('h1', { at: '2026-11-01T00:00:00.000Z' })
    const late = hazard('h2', { at: '2026-11-02T00:00:00.000Z' })
    expect(answers.keptOf(late, early)[0]).toBe(early)
    expect(answers.keptOf({ ...late, review: 'confirmed' as const }, early)[0].id).toBe('h2')
    expect(answers.keptOf({ ...early, review: 'confirmed' as const }, { ...late, level: 'suspected_major' as const })[0].id).toBe('h2')
  })

  it('a double is linked both ways and voided with the one it belongs to; taking it back restores both', () => {
    const made = answers.merge(hazard('h1', { number: 'BH-2026-0001' }), hazard('h2'))
    expect(made.map((each) => [each.kind, each.subject, each.after])).toEqual([['hazard.linked', 'h1', ['h1-head']], ['hazard.linked', 'h2', ['h2-head']], ['hazard.voided', 'h2', [made[1]!.id]]])
    expect(made[2]!.body).toMatchObject({ duplicate_of: 'h1', reason: expect.stringContaining('BH-2026-0001') as string })
    const back = answers.split({ id: 'h1', heads: ['x'] }, { id: 'h2', heads: ['y'] })
    expect(back.map((each) => [each.kind, each.subject])).toEqual([['hazard.reopened', 'h2'], ['hazard.linked', 'h2'], ['hazard.linked', 'h1']])
    expect(back[1]!.body).toEqual({ other: 'h1', relation: 'not_same' })
  })
})

describe('two endings', () => {
  it('offers what one side said and what the station would take, and the reason says that both were seen', () => {
    const row = hazard('h1', { state: 'review_failed', work: 'recheck_failed', heads: ['c', 'r'] })
    const entries = [entry('c', 'hazard.closed'), entry('r', 'hazard.rechecked', { result: 'not_fixed' })]
    expect(answers.endingsOf({ row, allowed: ['hazard.closed', 'hazard.reopened'] }, closing, entries).map((each) => each.words)).toEqual(['维持销号', '重新打开，接着整改'])
    expect(answers.endingsOf({ row, allowed: [] }, closing, entries)).toEqual([])
    const [upheld] = answers.end('close', row, closing, entries)
    expect(upheld).toMatchObject({ kind: 'hazard.closed', after: ['c', 'r'], body: { override_reason: '两边都看过，按改好了算' } })
    expect(answers.undoEnding('close', row)[0]!.kind).toBe('hazard.reopened')
    expect(answers.undoEnding('reopen', row)).toEqual([])
  })

  it('a void that is upheld stays a double of the same record', () => {
    const row = hazard('h1', { heads: ['v', 'k'] })
    const conflict = { type: 'outcome', facts: ['v', 'k'], endings: ['void'] }
    const [made] = answers.end('void', row, conflict, [entry('v', 'hazard.voided', { reason: '报重了', duplicate_of: 'h9' })])
    expect(made!.body).toEqual({ reason: '报重了', duplicate_of: 'h9' })
  })

  it('a level said beside a return: either is taken with the words that were used', () => {
    const row = hazard('h1', { review: 'submitted' })
    const conflict = { type: 'outcome', facts: ['k', 'b'] }
    const remarks = [{ field: 'spot', text: '哪里' }]
    const entries = [entry('k', 'hazard.confirmed', { level: 'general' }), entry('b', 'hazard.returned', { remarks })]
    expect(answers.endingsOf({ row, allowed: ['hazard.confirmed', 'hazard.returned'] }, conflict, entries).map((each) => each.name)).toEqual(['confirm', 'return'])
    expect(answers.end('return', row, conflict, entries)[0]).toMatchObject({ kind: 'hazard.returned', body: { remarks } })
  })
})

describe('a photo of another visit', () => {
  const alike = [{ sha256: 'aa', other: 'bb' }, { sha256: 'cc', other: 'cc' }]

  it('is answered pair by pair, each fact knowing the one before', () => {
    const made = answers.photosFine(side(hazard('h1')), alike)
    expect(made.map((each) => [each.body['sha256'], each.body['other'], each.after])).toEqual([['aa', 'bb', ['h1-head']], ['cc', 'cc', [made[0]!.id]]])
  })

  it('goes back to the phone in the same decision, with words that blame nobody', () => {
    const earlier = side(hazard('h0', { found_on: '2026-11-01' }))
    const made = answers.photosAgain(side(hazard('h1')), earlier, [{ sha256: 'aa', other: 'bb' }], '2026-11-22')
    expect(made.map((each) => each.kind)).toEqual(['photo.checked', 'hazard.returned'])
    expect(made[1]).toMatchObject({ after: [made[0]!.id], body: { remarks: [{ field: 'photos', text: '照片和 11月1日 老街川味馆 的那张几乎一样，请到现场补拍一张。' }] } })
    const whole = answers.photosAgain(side(inspection('i1')), earlier, alike, '2026-11-22')
    expect(whole.map((each) => each.kind)).toEqual(['photo.checked', 'photo.checked', 'inspection.reviewed'])
  })
})
