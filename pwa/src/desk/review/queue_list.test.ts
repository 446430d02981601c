// @vitest-environment jsdom
// The queue shows submissions and hazards that came without one; each leads to the page where it is decided.
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { ReviewItem, ReviewPage } from '../data/types'
import { hazard } from '../rows.fixture'
import QueueList from './QueueList.vue'

const BY_ITSELF: ReviewItem = {
  inspection: null, hazard: { ...hazard('h1', { finding: '楼道堆着液化气瓶', state: 'submitted' }), received_at: '2026-11-21T02:43:00.000Z' },
  site: null, area: '幸福村', author: '王芳', checklist: null, hazards: [hazard('h1')], photos_waiting: 0, doubts: [],
}

it('a hazard recorded by itself is named, says what was found and leads to its own page', async () => {
  const page: ReviewPage = { items: [BY_ITSELF], total: 1, page: 1, size: 50, counts: { waiting: 1, returned: 0, done: 0 } }
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)', component: { template: '<i />' } }] })
  const list = mount(QueueList, { props: { page, trouble: '', loading: false, tab: 'waiting', q: '', chosen: '', alone: false }, global: { plugins: [router] } })
  await router.isReady()
  const link = list.get('li a')
  expect(link.attributes('href')).toBe('/hazards/h1')
  expect(link.text()).toContain('单独记的隐患 · 王芳 · 幸福村')
  expect(link.text()).toContain('楼道堆着液化气瓶')
  expect(list.get('h1').text()).toBe('待审 1 项')
  await list.setProps({ tab: 'returned', page: { ...page, items: [{ ...BY_ITSELF, hazard: { ...BY_ITSELF.hazard!, state: 'returned' } }] } })
  expect(list.get('li a').text()).toContain('已退回')
})

it('what is being typed into the search stays when the list arrives meanwhile, and is asked for with Enter', async () => {
  const page: ReviewPage = { items: [], total: 0, page: 1, size: 50, counts: { waiting: 0, returned: 0, done: 0 } }
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)', component: { template: '<i />' } }] })
  const list = mount(QueueList, { props: { page: null, trouble: '', loading: true, tab: 'waiting', q: '', chosen: '', alone: false }, global: { plugins: [router] } })
  const search = list.get<HTMLInputElement>('input[type="search"]')
  search.element.value = '福兴'
  await search.trigger('input')
  await list.setProps({ page, loading: false })
  expect(search.element.value).toBe('福兴')
  await search.trigger('change')
  expect(list.emitted('search')).toEqual([['福兴']])
})
