// @vitest-environment jsdom
// What fingers, keyboards and screen readers meet: the native controls of the UI kit.

import { mount } from '@vue/test-utils'
import { describe, expect, test } from 'vitest'
import ChipGroup from './ChipGroup.vue'
import ChoiceRow from './ChoiceRow.vue'
import MonthField from './MonthField.vue'
import NumberField from './NumberField.vue'
import PhraseBlanks from './PhraseBlanks.vue'
import Sheet from './Sheet.vue'

const CHOICES = [{ value: 'pass', label: '合格' }, { value: 'fail', label: '不合格' }, { value: 'na', label: '无此项' }]

test('Wang Fang chooses 不合格 on real radios that share one name and one legend', async () => {
  const row = mount(ChoiceRow, { props: { legend: '软管无老化', choices: CHOICES, modelValue: null } })
  const radios = row.findAll<HTMLInputElement>('input[type=radio]')
  expect(new Set(radios.map((radio) => radio.element.name)).size).toBe(1)
  expect(row.get('legend').text()).toBe('软管无老化')
  await radios[1]!.setValue(true)
  expect(row.emitted('update:modelValue')).toEqual([['fail']])
})

describe('a number', () => {
  test('typed on a Chinese keyboard with 。 and full-width digits is the number that was meant', async () => {
    const field = mount(NumberField, { props: { label: '软管长度', modelValue: null, unit: '米' } })
    await field.get('input').setValue('２。３')
    expect(field.emitted('update:modelValue')?.at(-1)).toEqual([2.3])
    expect(field.get('input').element.value).toBe('２。３')
  })

  test('that is no number goes up as nothing and says so', async () => {
    const field = mount(NumberField, { props: { label: '软管长度', modelValue: null } })
    await field.get('input').setValue('两米多')
    expect(field.emitted('update:modelValue')?.at(-1)).toEqual([null])
    expect(field.text()).toContain('这里要填数字')
    expect(field.get('input').attributes('aria-invalid')).toBe('true')
  })

  test('half typed (2.) is not rewritten under the finger', async () => {
    const field = mount(NumberField, { props: { label: '软管长度', modelValue: null } })
    await field.get('input').setValue('2.')
    await field.setProps({ modelValue: 2 })
    expect(field.get('input').element.value).toBe('2.')
  })
})

describe('a month', () => {
  test('is told only when year and month are both there', async () => {
    const field = mount(MonthField, { props: { label: '更换日期', modelValue: null, today: '2026-11-21' } })
    const [year, month] = field.findAll('select')
    await year!.setValue('2024')
    expect(field.emitted('update:modelValue')?.at(-1)).toEqual([null])
    await month!.setValue('9')
    expect(field.emitted('update:modelValue')?.at(-1)).toEqual(['2024-09'])
  })

  test('nobody can tell is an answer, and taking it back leaves nothing', async () => {
    const field = mount(MonthField, { props: { label: '更换日期', modelValue: null, today: '2026-11-21', unknown: true } })
    await field.get('input[type=checkbox]').setValue(true)
    expect(field.emitted('update:modelValue')?.at(-1)).toEqual(['unknown'])
    await field.setProps({ modelValue: 'unknown' })
    await field.get('input[type=checkbox]').trigger('change')
    expect(field.emitted('update:modelValue')?.at(-1)).toEqual([null])
  })

  test('far in the past is still shown as it was written down', () => {
    const field = mount(MonthField, { props: { label: '投用日期', modelValue: '1988-05', today: '2026-11-21' } })
    expect(field.findAll('select').map((select) => select.element.value)).toEqual(['1988', '5'])
  })
})

test('a chosen chip can be taken back where that is allowed', async () => {
  const group = mount(ChipGroup, { props: { legend: '职务', chips: [{ value: '店主', label: '店主' }], chosen: ['店主'], clearable: true } })
  await group.get('input').trigger('click')
  expect(group.emitted('choose')?.at(-1)).toEqual([[], '店主'])
})

test('a sentence shows its open blank until a chip fills it', async () => {
  const blanks = [{ id: 'papers', label: '证照名称', type: 'choice' as const, options: ['营业执照', '食品经营许可证'], multiple: true }]
  const phrase = mount(PhraseBlanks, { props: { template: '未能出示{papers}', known: {}, blanks, filled: {} } })
  expect(phrase.get('.sentence').text()).toBe('未能出示证照名称')
  expect(phrase.find('.gap.open').exists()).toBe(true)
  await phrase.findAll('input')[0]!.setValue(true)
  expect(phrase.emitted('fill')).toEqual([['papers', '营业执照']])
  await phrase.setProps({ filled: { papers: '营业执照' } })
  await phrase.findAll('input')[1]!.setValue(true)
  expect(phrase.emitted('fill')?.at(-1)).toEqual(['papers', '营业执照、食品经营许可证'])
})

test('a figure nobody could count is said as 若干, by her tap alone', async () => {
  const blanks = [{ id: 'people', label: '人数', type: 'number' as const, unit_label: '人' }]
  const phrase = mount(PhraseBlanks, { props: { template: '夜间住{people}人', known: {}, blanks, filled: {} } })
  expect(phrase.get('.sentence').text()).toBe('夜间住人数人')
  await phrase.get('input[type=radio]').setValue(true)
  expect(phrase.emitted('fill')).toEqual([['people', '若干']])
  await phrase.setProps({ filled: { people: '若干' } })
  expect(phrase.get('.sentence').text()).toBe('夜间住若干人')
  expect(phrase.get<HTMLInputElement>('input[type=text]').element.value).toBe('')
  await phrase.get('input[type=text]').setValue('6')
  expect(phrase.emitted('fill')?.at(-1)).toEqual(['people', '6'])
})

test('a sheet has a name, takes the focus, and gives it back when Esc closes it', async () => {
  const opener = document.createElement('button')
  document.body.append(opener)
  opener.focus()
  const sheet = mount(Sheet, { props: { open: false, title: '用哪张检查表' }, slots: { default: '<button>餐饮燃气</button>' }, attachTo: document.body })
  await sheet.setProps({ open: true })
  const dialog = document.querySelector('[role=dialog]')!
  expect(document.getElementById(dialog.getAttribute('aria-labelledby')!)?.textContent).toBe('用哪张检查表')
  await new Promise((resolve) => setTimeout(resolve))
  expect(document.activeElement).toBe(dialog)
  dialog.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
  expect(sheet.emitted('close')).toHaveLength(1)
  await sheet.setProps({ open: false })
  expect(document.activeElement).toBe(opener)
})
