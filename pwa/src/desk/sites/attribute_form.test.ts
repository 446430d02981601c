import { describe, expect, it } from 'vitest'
import { amendSite, siteForm } from '../deciding_facts'
import { site } from '../rows.fixture'
import { fieldsFor, wrongAttribute } from './attribute_form'

const KNOWN = { gas_room: true, tanks: 2, gas_supplier: '北河燃气', food_licence_until: '2026-11' }
const about = site('s1', { place_types: ['餐饮(瓶装液化气)'], attributes: KNOWN })

describe("a site's further fields at the desk", () => {
  it('only what was changed is said, each by itself, and what was emptied is cleared', () => {
    const form = siteForm(about)
    expect(amendSite(about, form, '')).toEqual([])
    const changed = { ...form.attributes, gas_room: 'no', tanks: '', floors: '3', food_licence_until: ' 2029-11-30 ' }
    expect(amendSite(about, { ...form, attributes: changed }, '换证')[0]!.body).toEqual({
      attributes: { gas_room: false, floors: 3, tanks: null, food_licence_until: '2029-11-30' }, reason: '换证',
    })
  })
  it('a zero is a number and a no is an answer', () => {
    const form = siteForm(about)
    expect(amendSite(about, { ...form, attributes: { ...form.attributes, tanks: '0', wooden: 'no' } }, '')[0]!.body).toEqual({ attributes: { tanks: 0, wooden: false } })
  })
  it('such a place is asked what such places are asked; the rest is behind a fold, nothing is left out', () => {
    const { asked, rest } = fieldsFor(about.place_types, siteForm(about).attributes)
    const names = asked.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['gas_room', 'tanks', 'gas_supplier', 'gas_contract_until', 'food_licence_until', 'cylinders']))
    expect(names).not.toContain('fuel_licence_until')
    expect(rest.map(({ name }) => name)).toContain('fuel_licence_until')
  })
  it.each([
    [{ tanks: '两个' }, '“储罐数”要写数字。'],
    [{ tanks: '-1' }, '“储罐数”要写数字。'],
    [{ food_licence_until: '2027年6月' }, '“食品经营许可证有效期至”写成 2027-06 或 2027-06-30。'],
    [{ food_licence_until: '2027-02-30' }, '“食品经营许可证有效期至”：没有这一天。'],
    [{ food_licence_until: '2027-06', tanks: '0' }, ''],
  ])('what could not be meant is refused in words: %o', (typed, words) => {
    expect(wrongAttribute({ ...siteForm(about).attributes, ...typed })).toBe(words)
  })
})
