// What the chief presses becomes exactly the facts that say so: cautious in passing, causal when two go together.

import { describe, expect, it } from 'vitest'
import * as facts from './deciding_facts'
import { hazard, inspection, site } from './rows.fixture'

const five = { measure: '停用', fix_owner: '张建国', deadline: '2026-11-24', fund_wan: '0.5', contingency: '关阀通风' }

describe('decisions', () => {
  it('names what the page showed, so that a stale page makes a conflict and no overwrite', () => {
    const [made] = facts.confirmGeneral(hazard('h1', { heads: ['a', 'b'] }))
    expect(made).toMatchObject({ kind: 'hazard.confirmed', subject: 'h1', after: ['a', 'b'], body: { level: 'general' } })
  })

  it('accepting settles the general hazards left and then the inspection, in one decision', () => {
    const made = facts.accept(inspection('i1'), [hazard('h1'), hazard('h2', { review: 'confirmed', state: 'confirmed_general' }), hazard('h3')])
    expect(made.map((each) => [each.kind, each.subject])).toEqual([['hazard.confirmed', 'h1'], ['hazard.confirmed', 'h3'], ['inspection.reviewed', 'i1']])
  })

  it('a suspected major hazard is never settled in passing', () => {
    expect(facts.accept(inspection('i1'), [hazard('h1'), hazard('h2', { level: 'suspected_major' })])).toEqual([])
    expect(facts.mayAccept([hazard('h2', { level: 'suspected_major' })]).majors).toBe(1)
  })

  it('a hazard that went back to the phone, was closed or voided is left alone', () => {
    const rows = [hazard('h1', { review: 'returned', state: 'returned' }), hazard('h2', { state: 'void' }), hazard('h3', { state: 'closed', review: 'confirmed' })]
    expect(facts.undecided(rows)).toEqual([])
  })

  it('photos of a recheck go with the fact that says so, as photos taken afterwards', () => {
    const form = { result: 'fixed', rechecked_on: '2026-11-22', note: '', new_deadline: '', photos: [{ sha256: 'ab', bytes: 9 }] }
    expect(facts.recheck(hazard('h1'), form)[0]?.photos).toEqual([{ sha256: 'ab', role: 'after', bytes: 9 }])
    expect(facts.recheck(hazard('h1'), { ...form, photos: [] })[0]).not.toHaveProperty('photos')
    expect(facts.reportFixed(hazard('h1'), '2026-11-22', '换了', form.photos)[0]).toMatchObject({ body: { fixed_on: '2026-11-22', note: '换了' }, photos: [{ sha256: 'ab' }] })
  })

  it('confirm and close in one press: the second step knows the first', () => {
    const [first, second] = facts.confirmAndClose(hazard('h1', { work: 'spot_fixed' }), '')
    expect(second).toMatchObject({ kind: 'hazard.closed', after: [first!.id], body: {} })
  })

  it('an order on an unsettled hazard settles it first; on a settled one it is an order alone', () => {
    const form = { deadline: '2026-11-28', measure: '换管', disposition: 'by_deadline', document_no: '', fix_owner: '张建国' }
    expect(facts.order(hazard('h1'), form).map((each) => each.kind)).toEqual(['hazard.confirmed', 'hazard.ordered'])
    const [only] = facts.order(hazard('h1', { review: 'confirmed' }), form)
    expect(only).toMatchObject({ kind: 'hazard.ordered', body: { deadline: '2026-11-28', measure: '换管', disposition: 'by_deadline' }, private: { fix_owner: '张建国' } })
    expect(only!.body).not.toHaveProperty('document_no')
  })

  it('a deadline that has passed is asked for anew, not taken over', () => {
    const late = hazard('h1', { deadline: '2026-11-20', disposition: 'on_spot' })
    expect(facts.orderOf(late, '2026-11-21')).toMatchObject({ deadline: '', disposition: 'by_deadline' })
    expect(facts.fiveOf(late, '2026-11-20').deadline).toBe('2026-11-20')
  })

  it('a major hazard needs all five settled, and no money is an answer', () => {
    expect(facts.openOfFive({ ...five, fund_wan: '0' })).toEqual([])
    expect(facts.openOfFive({ ...five, fund_wan: '五千', contingency: ' ' })).toEqual(['fund_wan', 'contingency'])
    expect(facts.confirmMajor(hazard('h1'), five)[0]).toMatchObject({ body: { level: 'major', fund_wan: 0.5 }, private: { fix_owner: '张建国' } })
  })

  it('empty remarks are not sent to the phone', () => {
    const [made] = facts.returnHazard(hazard('h1'), [{ field: 'photos', text: ' 看不清，重拍 ' }, { field: 'spot', text: ' ' }])
    expect(made!.body).toEqual({ remarks: [{ field: 'photos', text: '看不清，重拍' }] })
  })

  it('who found it and rechecked it must say why it may be closed', () => {
    expect(facts.needsOverride(hazard('h1', { work: 'recheck_fixed', author: 'wang', rechecked_by: 'wang' }))).toBe(true)
    expect(facts.needsOverride(hazard('h1', { work: 'recheck_fixed', author: 'wang', rechecked_by: 'li' }))).toBe(false)
  })

  it('editing a site sends only what was changed, and a masked number is left as it is', () => {
    const about = site('s1', { owner_phone: '138****2210', grade: 'B' })
    const form = facts.siteForm(about)
    expect(facts.amendSite(about, form, '')).toEqual([])
    const [made] = facts.amendSite(about, { ...form, grade: 'A', owner_name: '张建国', place_types: '餐饮、小旅馆' }, '升级')
    expect(made).toMatchObject({ body: { grade: 'A', place_types: ['餐饮', '小旅馆'], reason: '升级' }, private: { owner_name: '张建国' } })
    expect(facts.amendSite(about, { ...form, without_phone: true }, '')[0]).toMatchObject({ body: {}, private: { owner_phone: null } })
    expect(facts.amendSite(about, { ...form, without_phone: true, owner_phone: '13900001111' }, '')[0]!.private).toEqual({ owner_phone: '13900001111' })
    expect(facts.amendSite(site('s1', { note: '旧话' }), { ...facts.siteForm(site('s1', { note: '旧话' })), note: '' }, '')[0]!.body).toEqual({ note: null })
  })

  it('a site cannot be left without a name, a type or a grid', () => {
    const form = facts.siteForm(site('s1', { name: '老王饭店', place_types: ['餐饮'], area: 'g1' }))
    expect(facts.emptyOfSite(form)).toEqual([])
    expect(facts.emptyOfSite({ ...form, name: '  ', place_types: '、 ' })).toEqual(['name', 'place_types'])
  })

  it('an order says what was emptied, and not what nobody touched', () => {
    const about = hazard('h1', { review: 'confirmed', measure: '换管', document_no: '责改〔2026〕1号', fix_owner: '张建国' })
    const form = { ...facts.orderOf(about, '2026-11-21'), deadline: '2026-11-28' }
    expect(facts.order(about, form)[0]!.body).toEqual({ deadline: '2026-11-28', disposition: 'by_deadline' })
    const [emptied] = facts.order(about, { ...form, measure: ' ', fix_owner: '' })
    expect(emptied).toMatchObject({ body: { measure: null }, private: { fix_owner: null } })
    const [, second] = facts.order({ ...about, review: 'submitted' }, { ...form, document_no: '' })
    expect(second!.body).toEqual({ deadline: '2026-11-28', disposition: 'by_deadline', document_no: null })
  })
})
