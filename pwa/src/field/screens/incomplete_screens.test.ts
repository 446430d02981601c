// @vitest-environment jsdom
// A page about something whose first fact has not arrived yet: reached by a link, it stands and can be left again.

import { readFileSync } from 'node:fs'
import { flushPromises, mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { ROWS, enrolledPhone, wireRow } from '../../../tests/phone'
import { useIdentity } from '@/data'
import { applyRows } from '@/data/applied_rows'
import { IDENTITY } from '../here'
import { SAY } from '../words'
import HazardScreen from './HazardScreen.vue'
import InspectionScreen from './InspectionScreen.vue'
import SiteScreen from './SiteScreen.vue'

Object.defineProperty(globalThis, 'localStorage', { writable: true, configurable: true, value: null })
const { rows } = JSON.parse(readFileSync('../tests/vectors/rows_incomplete.json', 'utf-8')) as { rows: { [type: string]: object } }
const idOf = (type: string): string => `018f0000-0000-7000-8000-0000000e${String(Object.keys(rows).indexOf(type)).padStart(4, '0')}`

test.each([
  ['hazard', HazardScreen, { id: idOf('hazard') }],
  ['inspection', InspectionScreen, { id: idOf('inspection') }],
  ['site', SiteScreen, { id: idOf('site') }],
] as const)('%s', async (_, component, props) => {
  await enrolledPhone()
  const incomplete = Object.entries(rows).map(([type, row]) => wireRow(type, idOf(type), type === 'inspection' ? { ...row, hazards: [idOf('hazard')] } : row))
  await applyRows({ store: 'A', rows: [...ROWS, ...incomplete], gone: [], facts: [], marks: { as_of: '2026-11-21T00:00:00.000Z' } })
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: { template: '<p></p>' } }] })
  const broken: unknown[] = []
  const screen = mount(component as object, {
    props, attachTo: document.body,
    global: { plugins: [router], provide: { [IDENTITY as symbol]: useIdentity() }, config: { errorHandler: (error: unknown) => { broken.push(error) } } },
  })
  for (let turn = 0; turn < 20; turn++) await flushPromises()
  await new Promise((resolve) => { setTimeout(resolve, 100) })
  expect(broken).toEqual([])
  expect(screen.text()).toContain(SAY.not_here)
  screen.unmount()
})
