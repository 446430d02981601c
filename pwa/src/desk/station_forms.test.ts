// Areas and people at the desk: what was emptied is emptied, what nobody touched is not said again.

import { expect, it } from 'vitest'
import type { AccountRow, AreaRow, ChecklistBrief, SettingRow } from './data/types'
import { happening } from './parts/timeline'
import { accountFacts, accountForm } from './people/account_facts'
import { areaFacts } from './station/area_facts'
import { campaignFact, campaignForm, campaignLines, lackingOf, takenBack } from './station/campaign_facts'

const GRID = { id: 'g1', type: 'area', name: '一网格', level: 'grid', parent: 'v1', duties: '每月一查', inspector: 'ana', heads: ['x'] } as unknown as AreaRow
const ANA = { id: 'ana', type: 'account', login: 'ana', name: '安娜', phone: '138****2210', certificate_no: 'ZF-7', staff_type: '', active: true, roles: ['inspector'], areas: ['g1'], heads: ['x'] } as unknown as AccountRow

it('a grid whose inspector left has none, and keeps its duties and its village without a word', () => {
  const form = { name: '一网格', level: 'grid', parent: 'v1', duties: '每月一查', inspector: '' }
  expect(areaFacts(GRID, 'g1', form)[0]).toMatchObject({ after: ['x'], body: { name: '一网格', level: 'grid', inspector: null } })
  expect(areaFacts(GRID, 'g1', form)[0]!.body).not.toHaveProperty('duties')
  expect(areaFacts(GRID, 'g1', { ...form, inspector: 'ana' })).toEqual([])
  expect(areaFacts(null, 'g2', { ...form, duties: '' })[0]!.body).toEqual({ name: '一网格', level: 'grid', parent: 'v1' })
})

it('a masked number is taken away only by the box beside it', () => {
  const form = accountForm(ANA, 'ana')
  expect(accountFacts(ANA, form)).toEqual([])
  expect(accountFacts(ANA, { ...form, without_phone: true })[0]!.private).toEqual({ name: '安娜', phone: null })
  expect(accountFacts(ANA, { ...form, without_phone: true, phone: '13900001111' })[0]!.private).toEqual({ name: '安娜', phone: '13900001111' })
  expect(accountFacts(ANA, { ...form, certificate_no: ' ' })[0]).toMatchObject({ body: { login: 'ana', active: true }, private: { name: '安娜', certificate_no: null } })
})

it('the history names what somebody emptied', () => {
  const entry = { kind: 'inspection.corrected', body: { remark: null, reply: null }, admitted: true, at: null, offset_ms: 0, enrolment: 'e' }
  expect(happening(entry as never).lines).toEqual(['备注：去掉了'])
})

const GAS = { id: 'cl-gas', short: '餐饮燃气', place_types: ['餐饮', '食堂'] } as ChecklistBrief
const asRow = (made: { subject: string; body: object }): SettingRow => ({ id: made.subject, type: 'setting', heads: ['h'], ...made.body }) as unknown as SettingRow

it('a campaign is a setting of its own, comes back into its form as it was written, and is taken back without a trace on the lists', () => {
  const form = { name: ' 冬季燃气专项 ', from: '2026-11-01', to: '2026-12-20', about: 'cl-gas', only: true, area: 'v1' }
  const made = campaignFact(null, 'c1', form, [GAS])
  expect(made).toMatchObject({ kind: 'setting.set', subject: 'c1', after: [], body: { name: 'campaign:c1', value: { name: '冬季燃气专项', place_types: ['餐饮', '食堂'], checklist: 'cl-gas', areas: ['v1'] } } })
  const [line] = campaignLines([asRow(made), { id: 'x', name: 'fire_season', value: true } as unknown as SettingRow])
  expect(campaignForm(line!.campaign, [GAS])).toEqual({ ...form, name: '冬季燃气专项' })
  expect(campaignFact(line!, 'c1', { ...form, about: '', area: '' }, [GAS])).toMatchObject({ after: ['h'], body: { name: 'campaign:c1', value: { name: '冬季燃气专项', from: '2026-11-01', to: '2026-12-20' } } })
  expect(campaignLines([asRow(takenBack(line!))])).toEqual([])
  expect([lackingOf({ ...form, name: ' ' }), lackingOf({ ...form, to: '2026-10-31' }), lackingOf(form)]).toEqual(['写上专项的名称。', '结束的日子在开始的前面。', ''])
})
