// Taking one of two values is the kind of fact the field and the record ask for, and never does more than that.

import { describe, expect, it } from 'vitest'
import type { HazardRow } from './data/types'
import { hazard, inspection, site } from './rows.fixture'
import { settle, settlePhone } from './settling'

const made = (row: Parameters<typeof settle>[0], field: string, value: unknown, kept: string | null = null): { kind: string; body: unknown; private?: unknown } | undefined => {
  const choice = settle(row, { field, kept }, value)
  return 'facts' in choice ? choice.facts[0] : undefined
}
const confirmed = (more: Partial<HazardRow> = {}): HazardRow => hazard('h1', { review: 'confirmed', state: 'rectifying', confirmed_by: 'liu', ...more })

describe('taking a side', () => {
  it('a word is amended, a private one in private, an empty one is said to be empty', () => {
    expect(made(confirmed(), 'finding', '软管 2.3 米')).toMatchObject({ kind: 'hazard.amended', body: { finding: '软管 2.3 米' } })
    expect(made(hazard('h1'), 'fix_owner', '张建国')).toMatchObject({ body: {}, private: { fix_owner: '张建国' } })
    expect(made(hazard('h1'), 'spot', null)!.body).toEqual({ spot: null })
  })

  it('the stricter deadline needs no new order; a later one on an ordered hazard does', () => {
    const row = confirmed({ ordered_on: '2026-11-20', deadline: '2026-11-24' })
    expect(made(row, 'deadline', '2026-11-24', '2026-11-24')).toMatchObject({ kind: 'hazard.amended', body: { deadline: '2026-11-24' } })
    expect(made(row, 'deadline', '2026-12-24', '2026-11-24')).toMatchObject({ kind: 'hazard.ordered', body: { deadline: '2026-12-24' } })
    expect(made(confirmed({ deadline: '2026-11-24' }), 'deadline', '2026-12-24', '2026-11-24')!.kind).toBe('hazard.amended')
  })

  it('an empty deadline never makes an order without one: it is emptied where nobody ordered, else a day is asked for', () => {
    expect(made(hazard('h1', { deadline: '2026-11-24' }), 'deadline', null, '2026-11-24')).toMatchObject({ kind: 'hazard.amended', body: { deadline: null } })
    expect(made(confirmed({ deadline: '2026-11-24' }), 'deadline', null, '2026-11-24')!.kind).toBe('hazard.amended')
    expect(settle(confirmed({ ordered_on: '2026-11-20', deadline: '2026-11-24' }), { field: 'deadline', kept: '2026-11-24' }, null)).toEqual({ form: 'order' })
  })

  it('what was ordered stands with its deadline, and cannot be turned back into fixing on the spot', () => {
    const row = confirmed({ ordered_on: '2026-11-20', deadline: '2026-11-24' })
    expect(made(row, 'disposition', 'stop_use', 'stop_use')).toMatchObject({ kind: 'hazard.ordered', body: { deadline: '2026-11-24', disposition: 'stop_use' } })
    expect(settle({ ...row, deadline: null }, { field: 'disposition', kept: 'stop_use' }, 'stop_use')).toEqual({ form: 'order' })
    expect(settle(row, { field: 'disposition', kept: 'by_deadline' }, 'on_spot')).toHaveProperty('no')
    expect(made(hazard('h1'), 'disposition', 'on_spot', 'by_deadline')!.kind).toBe('hazard.amended')
  })

  it('a major level takes all five: as they stand, or from the form', () => {
    const five = { measure: '停用', fix_owner: '张建国', deadline: '2026-11-20', fund_wan: 0.5, contingency: '关阀' }
    expect(made(confirmed({ level: 'major', ...five }), 'level', 'major')).toMatchObject({ kind: 'hazard.confirmed', body: { level: 'major', deadline: '2026-11-20', fund_wan: 0.5 } })
    expect(made(confirmed({ level: 'major', ...five }), 'fund_wan', 2)).toMatchObject({ kind: 'hazard.confirmed', body: { fund_wan: 2 } })
    expect(settle(hazard('h1'), { field: 'level', kept: 'suspected_major' }, 'suspected_major')).toEqual({ form: 'major' })
    expect(made(confirmed(), 'level', 'general')).toMatchObject({ kind: 'hazard.confirmed', body: { level: 'general' } })
  })

  it('a masked telephone number is never taken over: the right one is written anew', () => {
    expect(settle(site('s1', { owner_phone: '139****5678' }), { field: 'owner_phone', kept: null }, '139****5678')).toEqual({ form: 'phone' })
    expect(settlePhone(site('s1'), 'owner_phone', ' 13900001111 ')[0]).toMatchObject({ kind: 'site.amended', body: {}, private: { owner_phone: '13900001111' } })
  })

  it('one answer of a checklist, one attribute of a site', () => {
    const answer = { item: 'LPG-13', value: 2.3, verdict: 'fail' }
    expect(made(inspection('i1'), 'answers.LPG-13', answer)!.body).toEqual({ answers: [answer] })
    expect(made(site('s1'), 'attributes.storeys', 3)!.body).toEqual({ attributes: { storeys: 3 } })
  })
})
