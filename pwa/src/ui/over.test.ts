// @vitest-environment jsdom
// The phone's back key takes away what lies over a screen, and only that; other ways of closing leave no dead step behind.

import { mount } from '@vue/test-utils'
import { beforeEach, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { layOver, nothingOver } from './over'
import Sheet from './Sheet.vue'

const BELOW = '#/visits/1'
let heard = 0
window.addEventListener('popstate', () => { heard += 1 })

const popped = () => new Promise((resolve) => { window.addEventListener('popstate', resolve, { once: true, capture: true }) })
/** A step back takes as long as it takes: what it brings is waited for. */
const until = (look: () => void) => vi.waitFor(look, { timeout: 5_000, interval: 10 })
const over = (): unknown => (history.state as { over?: unknown } | null)?.over

beforeEach(async () => {
  history.pushState({ position: 1 }, '', '#/today')
  history.pushState({ position: 2 }, '', BELOW)
  await nextTick()
  heard = 0
})

test('back closes the sheet, the screen below stays, and the router hears nothing of it', async () => {
  const sheet = mount(Sheet, { props: { open: true, title: '用哪张检查表', onClose: () => sheet.setProps({ open: false }) } })
  history.back()
  await until(() => expect(sheet.emitted('close')).toHaveLength(1))
  await until(() => expect(document.querySelector('[role=dialog]')).toBeNull())
  expect(location.hash).toBe(BELOW)
  expect((history.state as { position: number }).position).toBe(2)
  expect(heard).toBe(0)
  sheet.unmount()
})

test('a sheet closed by its own button leaves no step behind: the next back leaves the screen', async () => {
  const sheet = mount(Sheet, { props: { open: true, title: '照片', onClose: () => sheet.setProps({ open: false }) } })
  document.querySelector<HTMLButtonElement>('[aria-label=关闭]')?.click()
  await until(() => expect(over()).toBeUndefined())
  expect(location.hash).toBe(BELOW)
  const left = popped()
  history.back()
  await left
  expect(location.hash).toBe('#/today')
  sheet.unmount()
})

test('of two layers back takes the upper one first', async () => {
  const closed: string[] = []
  layOver(() => closed.push('sheet'))
  layOver(() => closed.push('picture'))
  history.back()
  await until(() => expect(closed).toEqual(['picture']))
  history.back()
  await until(() => expect(closed).toEqual(['picture', 'sheet']))
  expect(location.hash).toBe(BELOW)
})

test('going on to another screen takes the sheet and its step away first', async () => {
  const closed: string[] = []
  layOver(() => closed.push('sheet'))
  await nothingOver()
  history.pushState({ position: 3 }, '', '#/visits/2')
  expect(closed).toEqual(['sheet'])
  const left = popped()
  history.back()
  await left
  expect(location.hash).toBe(BELOW)
  expect((history.state as { position: number }).position).toBe(2)
})
