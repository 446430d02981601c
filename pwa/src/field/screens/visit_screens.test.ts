// @vitest-environment jsdom
// The screens of a visit over the real data floor and a real (in-memory) IndexedDB: what Wang Fang sees after each tap.

import { readFileSync } from 'node:fs'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { CHECKLIST, ROWS, SITE, enrolledPhone, failure, interceptSaves, newPhone, wireRow } from '../../../tests/phone'
import { openDraft, openStep, useIdentity } from '@/data'
import { readDraft } from '@/data/drafts'
import { withUser } from '@/db/access'
import { applyRows } from '@/data/applied_rows'
import { ports } from '@/data/ports'
import { IDENTITY } from '../here'
import EnrolScreen from './EnrolScreen.vue'
import FinishScreen from './FinishScreen.vue'
import HazardDraftScreen from './HazardDraftScreen.vue'
import StepScreen from './StepScreen.vue'
import VisitScreen from './VisitScreen.vue'

const LPG = JSON.parse(readFileSync('../tests/vectors/checklists/cl-lpg-restaurant.json', 'utf-8')) as { version: number }
const blank = { template: '<p>别处</p>' }
// slow machines are not what these tests are about
const WAIT_MS = 15_000
vi.setConfig({ testTimeout: 4 * WAIT_MS, hookTimeout: WAIT_MS })
let router: Router
// jsdom's localStorage cannot be replaced by the emptied one of a new phone
Object.defineProperty(globalThis, 'localStorage', { writable: true, configurable: true, value: null })

async function show(component: object, path: string, props: Record<string, string>): Promise<VueWrapper> {
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/visits/:draftId', name: 'visit', component: blank }, { path: '/:rest(.*)*', component: blank }] })
  await router.push(path)
  const screen = mount(component, { props, global: { plugins: [router], provide: { [IDENTITY as symbol]: useIdentity() } }, attachTo: document.body })
  await flushPromises()
  return screen
}
async function settled(screen: VueWrapper, check: () => boolean): Promise<void> {
  await vi.waitFor(() => { if (!check()) throw new Error(screen.text().slice(0, 400)) }, { timeout: WAIT_MS })
}
async function visit(): Promise<{ id: string; screen: VueWrapper }> {
  const outcome = await openDraft(SITE, CHECKLIST)
  if (!outcome.ok) throw new Error(outcome.words)
  const screen = await show(VisitScreen, `/visits/${outcome.value}`, { draftId: outcome.value })
  await settled(screen, () => screen.find('#item-LPG-03').exists())
  return { id: outcome.value, screen }
}

beforeEach(async () => {
  document.body.innerHTML = ''
  Element.prototype.scrollIntoView = () => undefined
  await enrolledPhone()
  const lpg = wireRow('checklist', '018f0000-0000-7000-8000-00000000ffff', { checklist: CHECKLIST, version: 1, sha256: 'ab'.repeat(32), content: LPG })
  await applyRows({ store: 'A', rows: [lpg], gone: [], facts: [], marks: {} })
})

test('a second tap on a failed item while its panel is still coming waits for the panel and leads nowhere else', async () => {
  let come: () => void = () => undefined
  const coming = new Promise<void>((resolve) => { come = resolve })
  vi.doMock('../check/HazardInPlace.vue', async (original) => { await coming; return original() }) // the first test that opens one: no other has brought its file
  const { id, screen } = await visit()
  const item = () => screen.get('#item-LPG-01')
  await item().get('input[value=fail]').setValue(true)
  await vi.waitFor(async () => expect(await readDraft(id)).toMatchObject({ hazards: [{ item: 'LPG-01' }] }))
  await flushPromises()
  expect(item().find('.in-place').exists()).toBe(false)
  await item().get('button.say').trigger('click')
  await flushPromises()
  come()
  await settled(screen, () => item().find('.in-place').exists())
  vi.doUnmock('../check/HazardInPlace.vue')
  expect(router.currentRoute.value.path).not.toContain('/hazards/')
})

test('120 kg brings the gas room item up in place, and 不合格 there is suspected major at once', async () => {
  const { screen } = await visit()
  expect(screen.find('#item-LPG-04').exists()).toBe(false)
  await screen.get('#item-LPG-03 input[type=text]').setValue('120')
  await settled(screen, () => screen.find('#item-LPG-04').exists())
  await screen.get('#item-LPG-04 input[value=fail]').setValue(true)
  await settled(screen, () => screen.get('#item-LPG-04').text().includes('疑似重大，交站长判定'))
  await settled(screen, () => screen.get('h1 + .sub').text().includes('每一下都已存好'))
})

test('the list is drawn once the file of the site is read: an item that its file rules out never stands there and goes', async () => {
  const tanks = JSON.parse(readFileSync('../tests/vectors/checklists/cl-hazchem-tanks.json', 'utf-8')) as { id: string; version: number }
  const { row } = ROWS.find(({ type }) => type === 'site')!
  const site = wireRow('site', SITE, { ...row, attributes: { major_hazard_level: 4 } }, 2)
  const checklist = wireRow('checklist', '018f0000-0000-7000-8000-00000000fffe', { checklist: tanks.id, version: tanks.version, sha256: 'cd'.repeat(32), content: tanks })
  await applyRows({ store: 'A', rows: [site, checklist], gone: [], facts: [], marks: {} })
  const outcome = await openDraft(SITE, tanks.id)
  if (!outcome.ok) throw new Error(outcome.words)
  let stood = false
  const looking = new MutationObserver(() => { stood ||= document.getElementById('item-CG-11') !== null })
  looking.observe(document.body, { childList: true, subtree: true })
  const screen = await show(VisitScreen, `/visits/${outcome.value}`, { draftId: outcome.value })
  await settled(screen, () => screen.find('#item-CG-10').exists() && screen.get('h1').text() === '老街川味馆')
  looking.disconnect()
  expect([stood, screen.find('#item-CG-11').exists()]).toEqual([false, false])
})

test('a tap that could not be stored says so and keeps the answer on the screen', async () => {
  const { screen } = await visit()
  const full = interceptSaves(() => failure('AbortError', 'Transaction aborted', 'QuotaExceededError'))
  await screen.get('#item-LPG-01 input[value=pass]').setValue(true)
  await settled(screen, () => screen.text().includes('刚才那一下没有存上'))
  expect(screen.get<HTMLInputElement>('#item-LPG-01 input[value=pass]').element.checked).toBe(true)
  full.mockRestore()
  await screen.findAll('button').find((button) => button.text() === '再存一次')!.trigger('click')
  await settled(screen, () => !screen.text().includes('刚才那一下没有存上'))
})

test('the rest is called 合格 in one tap, without a single number or date', async () => {
  const { id, screen } = await visit()
  await screen.findAll('button').find((button) => button.text().startsWith('其余'))!.trigger('click')
  await vi.waitFor(async () => expect(Object.keys(((await readDraft(id)) as { answers: object }).answers).length).toBeGreaterThan(8))
  const { answers } = (await readDraft(id)) as { answers: Record<string, { value: unknown; source: string }> }
  expect(new Set(Object.values(answers).map((answer) => `${answer.value} ${answer.source}`))).toEqual(new Set(['pass rest_pass']))
})

test('a failed item has its hazard in place with the sentence ready, and 记下 marks it done; all of it has a page', async () => {
  const { id, screen } = await visit()
  const item = () => screen.get('#item-LPG-13')
  await item().get('input[type=text]').setValue('2.3')
  await settled(screen, () => item().text().includes('超过 2.0 米'))
  expect(((await readDraft(id)) as { hazards: unknown[] }).hazards).toEqual([]) // a figure may still be being typed
  await item().get('button.say').trigger('click')
  await settled(screen, () => item().find('.in-place').exists() && item().text().includes('连接软管长约2.3米，不在1.2–2.0米范围'))
  await item().get('button.say').trigger('click')
  await settled(screen, () => router.currentRoute.value.path.includes('/hazards/'))
  const hazardId = router.currentRoute.value.path.split('/').pop()!
  const page = await show(HazardDraftScreen, router.currentRoute.value.fullPath, { draftId: id, hazardId })
  await settled(page, () => page.text().includes('连接软管长约2.3米，不在1.2–2.0米范围'))
  await item().findAll('button').find((button) => button.text() === '记下这条隐患')!.trigger('click')
  await vi.waitFor(async () => expect(await readDraft(id)).toMatchObject({ hazards: [{ item: 'LPG-13', done: true }] }))
  await settled(screen, () => !item().find('.in-place').exists())
})

test('a blank nobody answered is named and has the focus; nothing is recorded with it open, also not in own words', async () => {
  const { id, screen } = await visit()
  const item = () => screen.get('#item-LPG-16')
  const tap = (text: string) => item().findAll('button').find((button) => button.text() === text)!.trigger('click')
  const done = async () => ((await readDraft(id)) as { hazards: { done: boolean; finding: string }[] }).hazards[0]
  await item().get('input[value=fail]').setValue(true)
  await settled(screen, () => item().find('.in-place .chip').exists())
  await tap('记下这条隐患')
  await settled(screen, () => item().find('[role=alert]').exists())
  expect(item().get('[role=alert]').text()).toBe('还差：情形')
  expect((document.activeElement as HTMLInputElement).value).toBe('老化')
  await tap('换成自己的话')
  await settled(screen, () => item().find('textarea').exists())
  await tap('记下这条隐患')
  await settled(screen, () => item().find('[role=alert]').exists())
  expect(await done()).toMatchObject({ done: false })
  await tap('用现成的话')
  await settled(screen, () => item().find('.in-place .chip').exists())
  await item().get('.in-place .chip input[value=龟裂]').setValue(true)
  await settled(screen, () => !item().find('[role=alert]').exists())
  await tap('记下这条隐患')
  await vi.waitFor(async () => expect(await done()).toMatchObject({ done: true, finding: '软管龟裂' }), { timeout: WAIT_MS })
})

test('不合格 opens the hazard at once; put right again, nothing is left of it', async () => {
  const { id, screen } = await visit()
  const item = () => screen.get('#item-LPG-01')
  await item().get('input[value=fail]').setValue(true)
  await settled(screen, () => item().find('.in-place').exists())
  await item().get('input[value=pass]').setValue(true)
  await settled(screen, () => !item().find('.in-place').exists())
  await vi.waitFor(async () => expect(await readDraft(id)).toMatchObject({ hazards: [] }))
})

test('a thumb as quick as the screen: the address moves before the camera opens, not under it', async () => {
  const { screen } = await visit()
  const addresses: unknown[] = []
  const opened = vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(() => { addresses.push(router.currentRoute.value.query['item']) })
  const item = () => screen.get('#item-LPG-01')
  await item().get('input[value=fail]').setValue(true)
  await settled(screen, () => item().find('.in-place').exists())
  await item().findAll('button').find((button) => button.text() === '拍照')!.trigger('click')
  await vi.waitFor(() => expect(addresses).toEqual(['LPG-01']))
  opened.mockRestore()
})

test('nothing is finished while a failed item has no hazard; 已存好 appears only after the commit', async () => {
  const { id, screen } = await visit()
  await screen.get('#item-LPG-01 input[value=fail]').setValue(true)
  await settled(screen, () => screen.get('#item-LPG-01').find('.in-place').exists())
  const finish = await show(FinishScreen, `/visits/${id}/finish`, { draftId: id })
  await settled(finish, () => finish.text().includes('不合格，还没记成隐患'))
  const save = () => finish.findAll('button').find((button) => button.text() === '存好这次检查')!.trigger('click')
  await save()
  expect(finish.get('[role=alert]').text()).toContain('1 项不合格没记成隐患')

  await screen.get('#item-LPG-01 input[value=pass]').setValue(true)
  await settled(finish, () => !finish.text().includes('不合格，还没记成隐患'))
  await save()
  expect(finish.get('[role=alert]').text()).toBe('请选现场有没有人签字')
  await finish.get('input[value=absent]').setValue(true)
  await flushPromises()
  expect(finish.text()).not.toContain('已存好，')
  await save()
  await settled(finish, () => finish.get('h1').text() === '已存好')
  expect(await readDraft(id)).toBeNull()
})

test('opening an enrolment link claims nothing; only the tap does, and the answer says whose phone it is', async () => {
  newPhone()
  const claim = vi.spyOn(ports, 'claim').mockResolvedValue({ ok: false, code: 'code-expired', words: '登记码过期了，请找站里再开一个', retry: false })
  const screen = await show(EnrolScreen, '/enrol/ab12', { code: 'ab12' })
  expect(screen.get<HTMLInputElement>('#code').element.value).toBe('ab12')
  expect(claim).not.toHaveBeenCalled()
  await screen.get('form').trigger('submit')
  await settled(screen, () => screen.text().includes('登记码过期了'))
  expect(claim).toHaveBeenCalledOnce()
  await screen.get('#code').setValue('https://station.example/field/#/enrol/2n25s-4wc7c')
  await screen.get('form').trigger('submit')
  await settled(screen, () => claim.mock.calls.length === 2)
  expect(claim.mock.calls.map(([{ code }]) => code)).toEqual(['AB12', '2N25S4WC7C']) // the whole link is as good as its code
})

test('a form whose file did not come over the line says so, keeps what was filled in, and opens when it comes', async () => {
  const outcome = await openStep('site.amended', SITE, { name: '清溪面馆二店' })
  if (!outcome.ok) throw new Error(outcome.words)
  vi.doMock('../steps/SiteForm.vue', () => { throw new TypeError('SiteForm did not come') })
  const screen = await show(StepScreen, `/steps/${outcome.value}`, { stepId: outcome.value })
  await settled(screen, () => screen.text().includes('这一页还没下载到手机上'))
  vi.doUnmock('../steps/SiteForm.vue')
  await screen.findAll('button').find((button) => button.text() === '再打开一次')!.trigger('click')
  await settled(screen, () => [...screen.element.querySelectorAll('input')].some(({ value }) => value === '清溪面馆二店'))
  expect(screen.text()).not.toContain('这一页还没下载到手机上')
})

test('a site she has just begun to write is kept though she leaves in the same moment; one left as it was is not', async () => {
  const ids: string[] = []
  for (const name of ['渡口', '']) {
    const outcome = await openStep('site.registered', null, {})
    if (!outcome.ok) throw new Error(outcome.words)
    ids.push(outcome.value)
    const screen = await show(StepScreen, `/steps/${outcome.value}`, { stepId: outcome.value })
    await settled(screen, () => screen.find('#name').exists())
    if (name) void screen.get('#name').setValue(name)
    screen.unmount()
  }
  const [written, untouched] = ids
  await vi.waitFor(async () => { expect(await withUser((db) => db.drafts.get(untouched ?? ''))).toMatchObject({ discarded_at: expect.any(String) }) })
  expect(await readDraft(written ?? '')).toMatchObject({ fields: { name: '渡口' } })
  expect(await withUser((db) => db.drafts.get(written ?? ''))).toMatchObject({ discarded_at: null })
})
