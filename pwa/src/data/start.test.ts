// A cold start: what the first list needs is read together and ahead, and as often for two thousand sites as for twenty.

import { beforeEach, expect, test, vi } from 'vitest'
import { ANA, ENROLMENT, GRID, ROWS, enrolledPhone, killBrowser, newPhone, wireRow } from '../../tests/phone'
import { withCache, withUser } from '../db/access'
import { openAhead, takeEarly } from '../db/early'
import { useIdentity } from './identity'
import { useOutbox } from './outbox'
import { applyRows } from './applied_rows'
import { readMarks } from './rows'
import { changed } from './signal'
import { stampOf } from './site_briefs'
import { readAhead, readAheadOver } from './start'
import { useToday } from './today'

// other test files run beside this one in the same process; their phones are not this one's other tabs
vi.hoisted(() => { Object.assign(globalThis, { BroadcastChannel: undefined }) })

const idOf = (kind: string, number: number): string => `018f0000-0000-7000-8000-${kind}${String(number).padStart(8, '0')}`

/** So many sites and a visit to each, and hazards as many as half of them; pulled, looked at once, and the phone left alone for a moment. */
async function sites(count: number): Promise<void> {
  await pulled(count)
  await useToday().reload()
  await vi.waitFor(async () => expect(await trusted()).toBe(true), 5_000)
}

async function trusted(): Promise<boolean> {
  const marks = await withCache(readMarks)
  return marks.briefed === stampOf(marks)
}

async function pulled(count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, number) => number)
  await applyRows({
    store: 'A', gone: [], facts: [], marks: { as_of: '2026-11-21T00:00:00.000Z', covered: 5 },
    rows: [
      ...ROWS,
      ...numbers.map((number) => wireRow('site', idOf('aaaa', number), { state: 'active', name: `北河小吃店 ${number}`, place_types: ['小商店'], area: GRID, grade: 'B', registered_at: '2026-01-05T00:00:00.000Z' })),
      ...numbers.map((number) => wireRow('inspection', idOf('bbbb', number), { site: idOf('aaaa', number), state: 'accepted', day: '2026-07-10', checklist: 'x', author: ANA, answers: [], hazards: [], photos: [] })),
      ...numbers.slice(0, count / 2).map((number) => wireRow('hazard', idOf('cccc', number), { site: idOf('aaaa', number), state: number % 3 ? 'rectifying' : 'returned', finding: '堵', deadline: '2026-11-01', found_on: '2026-10-10', level: 'general', author: ANA, photos: [{ sha256: idOf('dddd', number), role: 'before', fact: idOf('eeee', number), at: '2026-10-10T00:00:00.000Z' }] })),
    ],
  })
}

/** What a page does from its first line until the list stands: transactions begun, and whether the wrapper had to be woken. */
async function coldStart(): Promise<{ transactions: number; woken: boolean; listed: number }> {
  killBrowser()
  const begun = vi.spyOn(IDBDatabase.prototype, 'transaction')
  await readAhead(true)
  const [identity, today, outbox] = [useIdentity(), useToday(), useOutbox()]
  expect([identity, today, outbox].map((list) => list.ready.value)).toEqual([true, true, true])
  const transactions = begun.mock.calls.length
  begun.mockRestore()
  readAheadOver()
  const woken = await withUser(async (db) => db.isOpen())
  return { transactions, woken, listed: today.value.value?.items.length ?? 0 }
}

beforeEach(async () => {
  await enrolledPhone()
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-21T02:00:00.000Z') })
  return () => vi.useRealTimers()
})

test('two hundred sites are read in as many transactions as ten, before any component asks and without the wrapper', async () => {
  await sites(10)
  const few = await coldStart()
  await sites(200)
  const many = await coldStart()
  expect(many.listed).toBe(201)
  expect(many.transactions).toBe(few.transactions)
  expect(many.transactions).toBeLessThanOrEqual(8)
  expect(many.woken).toBe(false)
})

test('of twenty thousand hazards the first list reads none, and of two hundred sites 64 records at most', async () => {
  await sites(200)
  await applyRows({
    store: 'A', gone: [], facts: [], marks: {},
    rows: Array.from({ length: 2_000 }, (_, number) => wireRow('hazard', idOf('ffff', number), { site: idOf('aaaa', number % 200), state: number % 8 ? 'closed' : 'rectifying', closed_on: '2026-09-01', finding: '堵', deadline: '2026-12-20', found_on: '2026-07-10', level: 'general', author: ANA, photos: [] })),
  })
  const read: { [what: string]: number } = {}
  const spies = [IDBObjectStore.prototype, IDBIndex.prototype].map((prototype) => {
    const genuine = prototype.getAll
    return vi.spyOn(prototype, 'getAll').mockImplementation(function (this: IDBObjectStore & IDBIndex, ...asked) {
      const request = genuine.apply(this, asked)
      request.addEventListener('success', () => {
        for (const { type } of request.result as { type?: string }[]) read[`${this.objectStore?.name ?? this.name} ${type ?? ''}`] = (read[`${this.objectStore?.name ?? this.name} ${type ?? ''}`] ?? 0) + 1
      })
      return request
    })
  })
  const { listed } = await coldStart()
  spies.forEach((spy) => { spy.mockRestore() })
  expect(listed).toBe(201)
  // the chief sent back 34 of Ana's own: these are shown with her words, whole
  expect(read).toEqual({ 'rowsA area': 1, 'rowsA hazard': 34, 'briefsA site': expect.any(Number) as number, 'briefsA checklist': 1 })
  expect(read['briefsA site']).toBeLessThanOrEqual(64)
})

test('what changed between the reading and the screen is read again, and nobody gets the old list', async () => {
  await sites(10)
  await readAhead(true)
  await applyRows({ store: 'A', rows: [], gone: [idOf('aaaa', 3)], facts: [], marks: {} })
  changed('rows')
  const today = useToday()
  expect(today.ready.value).toBe(false)
  await vi.waitFor(() => expect(today.value.value?.items.map((item) => item.site.id)).not.toContain(idOf('aaaa', 3)))
})

test('a phone that never ran the app gets no half-made database: the first start makes it whole', async () => {
  newPhone()
  await readAhead(true)
  const identity = useIdentity()
  await vi.waitFor(() => expect(identity.ready.value).toBe(true))
  expect([identity.value.value, identity.trouble.value]).toEqual([null, null])
  await withUser((db) => db.counters.put({ key: 'counter', enrolment: ENROLMENT, next_n: 1 }))
  expect((await indexedDB.databases()).map((one) => one.version)).toContain(10)
  readAheadOver()
})

test('the connection for reading does not stand in the way of an update of the database', async () => {
  await readAhead(true)
  readAheadOver()
  await withUser((db) => db.settings.count()) // the wrapper is awake: the early connection is given up
  killBrowser()
  const upgraded = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('gi', 20)
    request.onblocked = () => reject(new Error('blocked'))
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error as Error)
  })
  upgraded.close()
})

test('what is asked for before the app is there is what the list is read through: neither database is opened twice', async () => {
  await sites(10)
  killBrowser()
  const opened = vi.spyOn(IDBFactory.prototype, 'open')
  openAhead()
  await readAhead(true)
  expect(opened.mock.calls.map(([name]) => name).sort()).toEqual(['gi', 'gi-cache'])
  const today = useToday()
  expect(today.ready.value && today.value.value?.items.length).toBe(11) // and the one every phone of these tests has
  readAheadOver()
})

test('a connection asked for ahead is given back when this page knows another version of the database', async () => {
  killBrowser()
  const closed = vi.spyOn(IDBDatabase.prototype, 'close')
  openAhead()
  expect(await takeEarly('gi', 30)).toBeNull()
  expect(closed).toHaveBeenCalledOnce()
  expect((await takeEarly('gi-cache', 10))?.name).toBe('gi-cache')
  expect(closed).toHaveBeenCalledOnce()
})
