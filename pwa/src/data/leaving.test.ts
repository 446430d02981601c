// A person's records leave a phone only when nothing of them can be missed.

import { beforeEach, expect, test, vi } from 'vitest'
import { ANA, ENROLMENT, SITE, enrolledPhone, killBrowser, quickPin } from '../../tests/phone'
import { withUser } from '../db/access'
import { getEmergency, putEmergency } from '../db/emergency'
import type { IdentityRecord } from '../db/user'
import { openDraft } from './begin'
import { leaveRevoked, removeMe, whyEmpty, whyStay } from './leaving'
import { me, updateIdentity } from './identity'
import { giveFeedback } from './one_tap'
import { changeTo, peopleHere, putNewPerson } from './people'
import { applyRows } from './applied_rows'
import { rowsOf } from './rows'
import { readAhead } from './start'

// other test files run beside this one in the same process; their phones are not this one's other tabs
vi.hoisted(() => { Object.assign(globalThis, { BroadcastChannel: undefined }) })

const PIN = '270419'
const BACKUP = { backed_up_to: 100, backed_up_at: '2026-11-22T00:00:00.000Z' }
const count = (): Promise<number[]> => withUser((db) => Promise.all([db.identity.count(), db.facts.count(), db.outbox.count(), db.drafts.count(), db.receipts.count()]))

/** What a receipt does; the signature is checked elsewhere (transport/sender.test.ts). */
async function receipted(log_size: number): Promise<void> {
  await withUser((db) => db.transaction('rw', db.facts, db.outbox, async () => {
    await db.facts.toCollection().modify({ state: 'receipted', log_size })
    await db.outbox.clear()
  }))
}

beforeEach(async () => {
  await enrolledPhone()
  await quickPin(PIN)
})

test('nobody is removed over anything unsent, unfinished or not backed up; then all of it goes, and the others stay', async () => {
  const ana = (await me()) as IdentityRecord
  await giveFeedback('楼梯口堵了')
  const draft = await openDraft(SITE, 'cl-lpg-restaurant')
  const before = await count()
  expect(await removeMe(PIN)).toMatchObject({ ok: false, code: 'not_handed_over', words: /1 样没交上去/ })
  await receipted(7)
  expect(await removeMe(PIN)).toMatchObject({ ok: false, words: /1 份没做完/ })
  await withUser((db) => db.drafts.toCollection().modify({ discarded_at: '2026-11-22T00:00:00.000Z' }))
  expect(await removeMe(PIN)).toMatchObject({ ok: false, words: /还没备份到/ })
  expect((await count())[1]).toBe(before[1])
  expect(draft.ok).toBe(true)
  await updateIdentity(BACKUP)
  expect(await removeMe('270418')).toMatchObject({ ok: false, code: 'pin_wrong' })
  await putNewPerson((db) => db.identity.put({ ...ana, account: ANA.replace('bbbb', 'b1b1'), account_name: '贝恩', enrolment: ENROLMENT.replace('cccc', 'c1c1') }).then(() => undefined))
  await changeTo('')
  killBrowser()
  putEmergency('d1', '安娜的字')
  expect(await removeMe(PIN)).toMatchObject({ ok: true })
  expect([await count(), await rowsOf('site'), getEmergency('d1')]).toEqual([[0, 0, 0, 0, 0], [], null])
  killBrowser()
  await readAhead(false)
  expect([(await me())?.account_name, (await peopleHere()).map(({ name }) => name)]).toEqual(['贝恩', ['贝恩']])
})

test('a phone switched off keeps everything until it is handed over, finished and backed up, and says afterwards where it is', async () => {
  await applyRows({ store: 'A', rows: [], gone: [], facts: [], marks: { cursor: '5.1', covered: 5 } })
  await giveFeedback('楼梯口堵了')
  await updateIdentity({ revoked: true, ...BACKUP })
  await leaveRevoked()
  expect([(await count()).slice(0, 3), (await rowsOf('site')).length]).toEqual([[1, 1, 1], 1])
  await receipted(107)
  await leaveRevoked() // the station's lists go at once; what she recorded waits for the backup
  expect([(await count()).slice(0, 3), await rowsOf('site')]).toEqual([[1, 1, 0], []])
  await updateIdentity({ backed_up_to: 107 })
  await leaveRevoked()
  expect(await count()).toEqual([0, 0, 0, 0, 0])
  expect(await whyEmpty()).toMatch(/已停用.*已交到站里/)
})

test('a phone that is not switched off is never emptied by itself', async () => {
  await updateIdentity(BACKUP)
  await leaveRevoked()
  expect((await count())[0]).toBe(1)
})

test('while the record of the station is in doubt, nothing leaves', async () => {
  await updateIdentity({ revoked: true, ...BACKUP })
  await withUser((db) => db.settings.put({ name: 'log_alarm', value: { kind: 'rewritten' } as never }))
  const { logAlarm } = await import('./witness')
  expect(await logAlarm()).not.toBeNull()
  await leaveRevoked()
  expect(await removeMe(PIN)).toMatchObject({ ok: false, words: /正在核对/ })
  expect((await count())[0]).toBe(1)
})

const IDENTITY = { ...BACKUP, signed_out: false, days: { count: 40, station: '', phone: '' } } as unknown as IdentityRecord
const FACT = { state: 'receipted', log_size: 90, photos: ['p'], receipted_day: 39 }
const PHOTO = { sha256: 'p', state: 'held', log_size: 90, receipt: '{"time":"2026-11-21T00:00:00.000Z"}', body_gone: false }

test.each<[string, object, object, object, RegExp | null]>([
  ['all is backed up', {}, {}, {}, null],
  ['a photo waits', {}, {}, { state: 'waiting' }, /没交上去/],
  ['a photo was set aside', {}, {}, { state: 'parked' }, /没交上去/],
  ['a photo came after the backup began, of a fact before it', {}, {}, { receipt: '{"time":"2026-11-22T01:00:00.000Z"}' }, /还没备份到/],
  ['a fact came after the backup', {}, { log_size: 101 }, { body_gone: true }, /还没备份到/],
  ['no backup was ever made', { backed_up_to: 0, backed_up_at: null }, {}, {}, /还没备份到/],
  ['no backup was ever made, and the station has had it for as long as any phone keeps it', { backed_up_to: 0, backed_up_at: null }, { receipted_day: 9 }, {}, null],
  ['the station does not know this phone', { signed_out: true }, {}, {}, /不认得/],
  ['a fact has no receipt although nothing stands in the outbox', {}, { state: 'sent', log_size: null }, {}, /没交上去/],
])('%s', (_, identity, fact, photo, words) => {
  const why = whyStay({ identity: { ...IDENTITY, ...identity }, outbox: 0, drafts: 0, facts: [{ ...FACT, ...fact } as never], photos: [{ ...PHOTO, ...photo } as never] })
  if (words === null) expect(why).toBeNull()
  else expect(why).toMatch(words)
})
