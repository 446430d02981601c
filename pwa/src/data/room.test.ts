// Whether there is room is what fits, never what the browser promises; and the figures tell apart what may go and what may not.

import { beforeEach, expect, test, vi } from 'vitest'
import { enrolledPhone } from '../../tests/phone'
import { withUser } from '../db/access'
import type { PhotoRecord } from '../db/user'
import { metFull, troubleOf } from './outcome'
import { StorageTrouble } from '../db/trouble'
import { PROBES, USED_BYTES_MAX, lookForRoom, roomState, useRoom, useRoomState, type RoomEvidence, type RoomState } from './room'
import { setSetting, getSetting } from './preferences'

const TABLE: [string, RoomEvidence, RoomState][] = [
  ['nothing tried, nothing refused', { met_full: false, fitted: null, used_bytes: 1000 }, 'roomy'],
  ['a save was refused', { met_full: true, fitted: null, used_bytes: 1000 }, 'full'],
  ['not even the first probe fits', { met_full: false, fitted: 0, used_bytes: null }, 'full'],
  ['the first fits, the second does not', { met_full: false, fitted: 1, used_bytes: null }, 'tight'],
  ['refused before, both fit now', { met_full: true, fitted: PROBES, used_bytes: null }, 'roomy'],
  ['more than our own cap', { met_full: false, fitted: PROBES, used_bytes: USED_BYTES_MAX }, 'much'],
  ['a full phone with much of ours', { met_full: false, fitted: 0, used_bytes: USED_BYTES_MAX }, 'full'],
]
test.each(TABLE)('%s', (_, evidence, state) => expect(roomState(evidence)).toBe(state))

beforeEach(async () => {
  await enrolledPhone()
  metFull.value = false
})

test('a refusal for want of room is noticed and looked into at once, and forgotten when things fit again', async () => {
  await lookForRoom()
  expect(await getSetting('room')).toMatch(/ roomy$/)
  expect(troubleOf(new StorageTrouble('full', null)).code).toBe('storage_full')
  expect(metFull.value).toBe(true)
  await lookForRoom()
  expect([metFull.value, useRoomState().value]).toEqual([false, 'roomy'])
  expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain('gi-room')
})

test('what was short yesterday or an hour ago is looked at again, what was roomy today is not', async () => {
  const today = new Date().toISOString().slice(0, 10)
  const tried = async (before: string): Promise<boolean> => {
    await setSetting('room', before)
    await lookForRoom()
    return (await getSetting('room')) !== before
  }
  expect([await tried(`${today} roomy`), await tried(`${today} tight`), await tried('2026-01-01 roomy')]).toEqual([false, true, true])
})

test('two looks at once are one, and what a page left in the middle of its look takes no room from the next', async () => {
  const steps: string[] = []
  for (const step of ['open', 'deleteDatabase'] as const) {
    const real = indexedDB[step].bind(indexedDB)
    vi.spyOn(indexedDB, step).mockImplementation((name: string, ...more: number[]) => {
      if (name === 'gi-room') steps.push(step)
      return real(name, ...more)
    })
  }
  await Promise.all([lookForRoom(), lookForRoom()])
  vi.restoreAllMocks()
  expect(steps).toEqual(['deleteDatabase', 'open', 'deleteDatabase'])
})

test.each([
  ['what the look before took is not given back yet', 1, 'roomy'],
  ['there really is none', Infinity, 'full'],
])('nothing is called short on one look alone: %s', async (_, refusals, found) => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  let tries = 0
  const genuine = IDBObjectStore.prototype.put
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
    const request = genuine.call(this, value, key)
    if (this.name === 'probe' && ++tries <= refusals) {
      Object.defineProperty(this.transaction, 'error', { value: new DOMException('no room', 'QuotaExceededError') })
      this.transaction.abort()
    }
    return request
  })
  const looked = lookForRoom()
  await vi.waitFor(() => expect(tries).toBe(1))
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1))
  expect(useRoomState().value).toBe('roomy')
  await vi.runAllTimersAsync()
  await looked
  expect(useRoomState().value).toBe(found)
  put.mockRestore()
  vi.useRealTimers()
})

test('photos that wait are told apart from those that may make room', async () => {
  const photo = (sha256: string, state: PhotoRecord['state'], more: Partial<PhotoRecord> = {}): PhotoRecord =>
    ({ sha256, state, bytes: 100, receipt: null, body_gone: false, ...more }) as PhotoRecord
  await withUser((db) => db.photos.bulkPut([
    photo('a', 'waiting'), photo('b', 'parked'), photo('c', 'in_draft'), photo('d', 'held', { receipt: '{}' }), photo('e', 'held', { receipt: '{}', body_gone: true }), photo('f', 'held'),
  ]))
  const room = useRoom()
  await room.reload()
  expect(room.value.value).toMatchObject({ photos_bytes: 500, unsent: { photos: 2, bytes: 200 }, freeable: { photos: 1, bytes: 100 } })
})
