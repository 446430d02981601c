// @vitest-environment jsdom
// 补档案: a masked number is taken away by its own button only, and what the checklists ask is said key by key.

import { mount } from '@vue/test-utils'
import { beforeEach, expect, test } from 'vitest'
import { SITE, enrolledPhone, wireRow } from '../../../tests/phone'
import type { JsonObject, StepDraft } from '@/data'
import { applyRows } from '@/data/applied_rows'
import { IDENTITY } from '../here'
import SiteForm from './SiteForm.vue'

// the browser's own cannot be replaced by the one of a fresh phone
Object.defineProperty(globalThis, 'localStorage', { writable: true, configurable: true, value: null })

beforeEach(async () => {
  await enrolledPhone()
  await applyRows({ store: 'A', rows: [wireRow('site', SITE, { name: '老王饭店', place_types: [], note: '后门常锁', owner_phone: '138****2210', attributes: {}, heads: [] })], gone: [], facts: [], marks: {} })
})

async function form(fields: JsonObject) {
  const step: StepDraft = { type: 'step', id: 'd', kind: 'site.amended', subject: SITE, site: SITE, fields, seen: [], place: {}, updated_at: '', revision: 0 }
  const page = mount(SiteForm, { props: { step, photos: [], settle: () => Promise.resolve(true) }, global: { provide: { [IDENTITY as symbol]: undefined } } })
  await expect.poll(() => page.find('#owner_phone').exists()).toBe(true)
  return page
}

test('the number that stands there is only hinted at; a button takes it away, and gives it back', async () => {
  const page = await form({})
  const phone = page.get<HTMLInputElement>('#owner_phone')
  expect([phone.element.value, phone.element.placeholder]).toEqual(['', '现在是 138****2210，不改就空着'])
  await page.findAll('button').find((each) => each.text() === '去掉这个电话')!.trigger('click')
  expect(page.emitted('change')!.at(-1)).toEqual([{ owner_phone: null }])
  const gone = await form({ owner_phone: null })
  expect(gone.get<HTMLInputElement>('#owner_phone').element.placeholder).toBe('存好以后就没有电话了')
  await gone.findAll('button').find((each) => each.text() === '电话还留着')!.trigger('click')
  expect(gone.emitted('change')!.at(-1)).toEqual([{ owner_phone: '' }])
})

test('a note rubbed out stays empty on the screen', async () => {
  const page = await form({ note: '' })
  expect(page.get<HTMLInputElement>('#note').element.value).toBe('')
})
