// @vitest-environment jsdom
// A page about something whose first fact has not arrived yet: reached by a link, it stands and can be left again.

import { flushPromises, mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { INCOMPLETE, incompleteId } from '../../../tests/incomplete'
import { ROWS, enrolledPhone } from '../../../tests/phone'
import { useIdentity } from '@/data'
import { applyRows } from '@/data/applied_rows'
import { IDENTITY } from '../here'
import { SAY } from '../words'
import HazardScreen from './HazardScreen.vue'
import InspectionScreen from './InspectionScreen.vue'
import SiteScreen from './SiteScreen.vue'

Object.defineProperty(globalThis, 'localStorage', { writable: true, configurable: true, value: null })

test.each([
  ['hazard', HazardScreen, { id: incompleteId('hazard') }],
  ['inspection', InspectionScreen, { id: incompleteId('inspection') }],
  ['site', SiteScreen, { id: incompleteId('site') }],
] as const)('%s', async (_, component, props) => {
  await enrolledPhone()
  await applyRows({ store: 'A', rows: [...ROWS, ...INCOMPLETE], gone: [], facts: [], marks: { as_of: '2026-11-21T00:00:00.000Z' } })
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
