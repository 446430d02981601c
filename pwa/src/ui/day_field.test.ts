// @vitest-environment jsdom
// A day is typed as 年 月 日 on the number pad, in Chinese on every phone; what is no day is said and never goes up as one.

import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import DayField from './DayField.vue'

let field: VueWrapper
const given = (props: Partial<InstanceType<typeof DayField>['$props']> = {}) => {
  field = mount(DayField, { props: { label: '改好的日期', modelValue: '2026-11-25', min: '2026-11-22', 'onUpdate:modelValue': (modelValue: string | null) => field.setProps({ modelValue }), ...props }, attachTo: document.body })
}
const type = (word: string, text: string) => field.get(`[aria-label=${word}]`).setValue(text)
const last = () => field.emitted<[string | null]>('update:modelValue')?.at(-1)?.[0]
const shown = () => field.findAll<HTMLInputElement>('input').map((input) => input.element.value)

afterEach(() => field.unmount())

test('it says which day stands there, without a leading zero, and which weekday that is', () => {
  given({ modelValue: '2026-12-05' })
  expect(shown()).toEqual(['2026', '12', '5'])
  expect(field.text()).toContain('周六')
})

test('a month and a day typed one after the other need no tap between them', async () => {
  given()
  const [, month, day] = field.findAll<HTMLInputElement>('input')
  month!.element.focus()
  await type('月', '12')
  expect(document.activeElement).toBe(day!.element)
  await type('日', '３') // full width, as a Chinese keyboard gives it
  expect(last()).toBe('2026-12-03')
})

test('half a day goes up as nothing and is not wiped while it is typed', async () => {
  given()
  await field.get('[aria-label=日]').trigger('focus')
  await type('日', '')
  expect(last()).toBeNull()
  expect(shown()).toEqual(['2026', '11', ''])
  expect(field.text()).not.toContain('没写全')
  await field.get('.day').trigger('focusout')
  expect(field.text()).toContain('年、月、日还没写全')
})

test.each([['11', '31', '没有这一天'], ['2', '30', '没有这一天'], ['11', '21', '不能早于2026年11月22日']])('%s月%s日 is said to be impossible and goes up as nothing', async (month, day, words) => {
  given()
  await type('月', month)
  await type('日', day)
  await field.get('.day').trigger('focusout')
  expect(field.text()).toContain(words)
  expect(last()).toBeNull()
})

test('a day after the latest one is refused in words', async () => {
  given({ min: undefined, max: '2026-11-22', modelValue: '2026-11-22' })
  await type('日', '23')
  expect(field.text()).toContain('不能晚于2026年11月22日')
  expect(last()).toBeNull()
})

test('a day that need not be written says nothing while it is empty, and is checked once it is begun', async () => {
  given({ modelValue: null, optional: true })
  expect(field.find('.wrong').exists()).toBe(false)
  await type('月', '13')
  await field.get('.day').trigger('focusout')
  expect(field.text()).toContain('年、月、日还没写全')
})
