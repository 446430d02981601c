import { beforeEach, expect, test, vi } from 'vitest'
import { watch } from 'vue'
import { CHECKLIST, SITE, enrolledPhone, failure, interceptSaves, killBrowser } from '../../tests/phone'
import { withUser } from '../db/access'
import { getEmergency } from '../db/emergency'
import { openDraft } from './begin'
import { forgetKeeper, openDrafts, readDraft, useDraft, discardDraft, restoreDraft } from './drafts'
import type { InspectionDraft } from './types'

beforeEach(async () => {
  await enrolledPhone()
})

async function opened(): Promise<string> {
  const outcome = await openDraft(SITE, CHECKLIST)
  if (!outcome.ok) throw new Error(outcome.words)
  return outcome.value
}

/** An AbortError whose inner error is the quota error. */
const fullDisk = (): { mockRestore: () => void } => interceptSaves(() => failure('AbortError', 'Transaction aborted', 'QuotaExceededError'))

const note = (text: string) => (draft: InspectionDraft) => {
  draft.remark = text
}

test('Ana finds every word again after her browser was killed', async () => {
  const id = await opened()
  const { change, saved } = useDraft(id)
  expect(await change((draft) => (draft.answers['LPG-02'] = { item: 'LPG-02', value: 120, verdict: 'reading', source: 'measured' }))).toBe(true)
  expect(saved.value).toBe('saved')
  killBrowser()
  forgetKeeper(id)
  expect((await readDraft(id)) as InspectionDraft).toMatchObject({ answers: { 'LPG-02': { value: 120 } } })
})

test('a word counts as saved only after the commit, and the last of many quick taps wins', async () => {
  const id = await opened()
  const { change, saved, ready } = useDraft(id)
  await vi.waitFor(() => expect(ready.value).toBe(true))
  const taps = ['甲', '乙', '丙', '丁'].map((text) => change(note(text)))
  expect(saved.value).toBe('saving')
  expect(await Promise.all(taps)).toEqual([true, true, true, true])
  expect(saved.value).toBe('saved')
  expect(await readDraft(id)).toMatchObject({ remark: '丁' })
})

test('on a full disk Ana is told, her words stay on the screen and in the emergency slot, and are saved when there is room', async () => {
  const id = await opened()
  const { change, saved, words, draft, settle } = useDraft(id)
  const disk = fullDisk()
  expect(await change(note('楼梯口堵了'))).toBe(false)
  expect(saved.value).toBe('failed')
  expect(words.value).toContain('手机存满了')
  expect(draft.value?.remark).toBe('楼梯口堵了')
  expect(getEmergency(id)).toContain('楼梯口堵了')
  disk.mockRestore()
  expect(await settle()).toBe(true)
  expect(await readDraft(id)).toMatchObject({ remark: '楼梯口堵了' })
  expect(getEmergency(id)).toBeNull()
})

test('words that only the emergency slot caught are back after the browser was killed', async () => {
  const id = await opened()
  await useDraft(id).change(note('先存好的'))
  const disk = fullDisk()
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2020-01-01T00:00:00Z') }) // the phone's clock jumps back: it decides nothing
  expect(await useDraft(id).change(note('只在紧急存放处'))).toBe(false)
  vi.useRealTimers()
  disk.mockRestore()
  const caught = getEmergency(id) ?? ''
  forgetKeeper(id)
  killBrowser()
  localStorage.setItem(`gi-emergency:${id}`, caught) // forgetting the keeper cleared it; a killed browser does not
  const again = useDraft(id)
  await vi.waitFor(() => expect(again.draft.value?.remark).toBe('只在紧急存放处'))
  await again.settle()
  expect((await withUser((db) => db.drafts.get(id)))?.text).toContain('只在紧急存放处')
})

test('a dead connection is dropped and reopened, and Ana notices nothing', async () => {
  const id = await opened()
  const { change } = useDraft(id)
  let deaths = 2
  const spy = interceptSaves(() => (deaths-- > 0 ? failure('UnknownError', 'Connection to Indexed Database server lost. Refresh the page to try again') : null))
  expect(await change(note('还在'))).toBe(true)
  spy.mockRestore()
  expect(await readDraft(id)).toMatchObject({ remark: '还在' })
})

test('a connection that stays dead is tried three times and then said, never passed off as saved', async () => {
  const id = await opened()
  const { change, saved, words } = useDraft(id)
  const spy = interceptSaves(() => failure('UnknownError', 'Internal error opening backing store for indexedDB.open.'))
  expect(await change(note('x'))).toBe(false)
  expect(spy.tries()).toBe(4)
  expect([saved.value, words.value.includes('文字还在')]).toEqual(['failed', true])
  spy.mockRestore()
})

test('the put is asked for in the very step of the tap, before anything is drawn; what is read meanwhile is the newest', async () => {
  const id = await opened()
  const { change, draft, ready } = useDraft(id)
  await vi.waitFor(() => expect(ready.value).toBe(true))
  const steps: string[] = []
  const stop = watch(draft, () => steps.push('drawn'), { flush: 'sync' })
  const genuine = IDBObjectStore.prototype.put
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: unknown) {
    steps.push('put')
    return genuine.call(this, value)
  })
  const saving = change(note('甲')).then(() => steps.push('saved'))
  steps.push('tap over')
  expect(draft.value?.remark).toBe('甲')
  await saving
  expect(steps).toEqual(['put', 'tap over', 'drawn', 'saved'])
  put.mockRestore()
  stop()
})

test('a disk that takes its time does not hold the answer off the screen', async () => {
  const id = await opened()
  const { change, draft, saved, ready } = useDraft(id)
  await vi.waitFor(() => expect(ready.value).toBe(true))
  const drawn: string[] = []
  const stop = watch([draft, saved], () => drawn.push(`${draft.value?.remark} ${saved.value}`), { flush: 'sync' })
  let over = false
  let begun = false
  // another write of the same store is still under way: the save waits behind it
  const other = withUser((db) => db.transaction('rw', db.drafts, async () => {
    begun = true
    while (!over) await db.drafts.count()
  }))
  await vi.waitFor(() => expect(begun).toBe(true))
  const saving = change(note('慢'))
  await vi.waitFor(() => expect(drawn).toContain('慢 saving'))
  over = true
  await other
  expect(await saving).toBe(true)
  expect(drawn.at(-1)).toBe('慢 saved')
  stop()
})

test('a save that comes after the draft was put aside elsewhere writes nothing', async () => {
  const id = await opened()
  const { change, saved, ready } = useDraft(id)
  await vi.waitFor(() => expect(ready.value).toBe(true))
  await withUser((db) => db.drafts.update(id, { discarded_at: '2026-11-21T00:00:00.000Z' }))
  expect(await change(note('太晚了'))).toBe(false)
  expect(saved.value).toBe('failed')
  expect((await withUser((db) => db.drafts.get(id)))?.text).not.toContain('太晚了')
})

test('looking at a draft from a second screen while typing never brings older words back', async () => {
  const id = await opened()
  const { change, draft } = useDraft(id)
  await change(note('一'))
  const typing = change(note('二'))
  useDraft(id) // reads the database while the second word is on its way into it
  expect(await typing).toBe(true)
  await new Promise((done) => setTimeout(done, 50))
  expect(draft.value?.remark).toBe('二')
  await change((current) => (current.on_site_name = '张建国'))
  expect(await readDraft(id)).toMatchObject({ remark: '二', on_site_name: '张建国' })
})

test('opening the same checklist at the same site goes on with the half-filled one', async () => {
  expect(await opened()).toBe(await opened())
})

test('a draft put aside by mistake comes back whole', async () => {
  const id = await opened()
  await useDraft(id).change(note('别丢'))
  await discardDraft(id)
  expect(await openDrafts()).toEqual([])
  await restoreDraft(id)
  expect(await openDrafts()).toMatchObject([{ remark: '别丢' }])
})

test('what another tab stored meanwhile is not taken away by the next tap here', async () => {
  const id = await opened()
  const { change, draft, ready } = useDraft(id)
  await vi.waitFor(() => expect(ready.value).toBe(true))
  await change(note('这一页写的'))
  const stored = (await readDraft(id)) as InspectionDraft
  const answers = { ...stored.answers, 'LPG-02': { item: 'LPG-02', value: 120, verdict: 'reading', source: 'measured' } } as const
  const theirs = { ...stored, answers, revision: stored.revision + 1 }
  await withUser((db) => db.drafts.update(id, { text: JSON.stringify(theirs), revision: theirs.revision })) // another tab's save
  expect(await change((each) => (each.attendance = 'absent'))).toBe(true)
  const both = { remark: '这一页写的', attendance: 'absent', answers: { 'LPG-02': { value: 120 } } }
  expect(await readDraft(id)).toMatchObject(both)
  expect(draft.value).toMatchObject(both)
})
