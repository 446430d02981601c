// Several people on one phone, on the real store: what one recorded the other neither sees nor loses.

import { beforeEach, expect, test, vi } from 'vitest'
import { ANA, ENROLMENT, SITE, enrolledPhone, killBrowser, quickPin } from '../../tests/phone'
import { withUser } from '../db/access'
import { getEmergency, putEmergency } from '../db/emergency'
import { putPicture, readPicture } from '../db/pictures'
import { spaceHere } from '../db/space'
import { PHONE, inSpace } from '../db/spaces'
import type { IdentityRecord } from '../db/user'
import { alone } from '../transport/one_sender'
import { openDraft } from './begin'
import { openDrafts } from './drafts'
import { firstKnown, identityAhead, me } from './identity'
import { giveFeedback } from './one_tap'
import { changeTo, changeToNewPerson, changedOver, othersWaiting, peopleHere, putNewPerson } from './people'
import { enterPin } from './pin'
import { rowsOf } from './rows'
import { readAhead, readAheadOver } from './start'

// other test files run beside this one in the same process; their phones are not this one's other tabs
vi.hoisted(() => { Object.assign(globalThis, { BroadcastChannel: undefined }) })

const BEN = ANA.replace('bbbb', 'b1b1')
let ben = ''

async function restart(): Promise<void> {
  killBrowser()
  await readAhead(true)
}

beforeEach(async () => {
  await enrolledPhone()
  const ana = (await me()) as IdentityRecord
  await putNewPerson(async (db) => {
    await db.identity.put({ ...ana, account: BEN, account_name: '贝恩', enrolment: ENROLMENT.replace('cccc', 'c1c1') })
    await db.counters.put({ key: 'counter', enrolment: ENROLMENT.replace('cccc', 'c1c1'), next_n: 1 })
  })
  ben = (await peopleHere())[1]?.space ?? ''
  await changeTo('')
  await restart()
})

test('each finds her own after a restart, and only her own', async () => {
  await giveFeedback('安娜写的')
  await openDraft(SITE, 'cl-lpg-restaurant')
  await changeTo(ben)
  await restart()
  expect([spaceHere(), identityAhead.value()?.value?.account_name]).toEqual([ben, '贝恩'])
  readAheadOver()
  expect([await rowsOf('site'), await openDrafts(), await withUser((db) => db.outbox.count())]).toEqual([[], [], 0])
  await giveFeedback('贝恩写的')
  expect((await withUser((db) => db.facts.toArray())).map(({ n, enrolment }) => [n, enrolment])).toEqual([[1, ENROLMENT.replace('cccc', 'c1c1')]])
  await changeTo('')
  await restart()
  readAheadOver()
  expect((await withUser((db) => db.facts.toArray())).map(({ n, enrolment }) => [n, enrolment])).toEqual([[1, ENROLMENT]])
  expect([(await rowsOf('site')).length, (await openDrafts()).length]).toEqual([1, 1])
})

test('words caught when the database failed, and pictures fetched, stay with whose they are', async () => {
  putEmergency('d1', '安娜的字')
  await putPicture({ key: 'p:view', subject: SITE, bytes: 3, used_at: '' }, new Uint8Array([1, 2, 3]).buffer)
  await changeTo(ben)
  await restart()
  expect(getEmergency('d1')).toBeNull()
  const { startPicturesOver } = await import('../db/pictures')
  startPicturesOver()
  expect(await readPicture('p:view', '')).toBeNull()
})

test('with several on one phone nobody gets in without a PIN, chosen or not, and each has her own', async () => {
  expect(await restartLocked()).toBe(true)
  await quickPin('270419')
  await changeTo(ben)
  expect(await restartLocked()).toBe(true)
  expect(await enterPin('270418')).toEqual({ ok: true }) // has chosen none yet: the cover asks for a new one
  await quickPin('918273')
  expect(await enterPin('270419')).toMatchObject({ ok: false })
  expect(await enterPin('918273')).toEqual({ ok: true })
})

async function restartLocked(): Promise<boolean | null> {
  await restart()
  return firstKnown().locked
}

test('what waits of the others is told without a name and without what it is', async () => {
  expect(await othersWaiting()).toBeNull()
  await giveFeedback('安娜写的')
  await changeTo(ben)
  await restart()
  const words = (await othersWaiting()) ?? ''
  expect(words).toMatch(/另外 1 位同事的 1 条记录没有上交/)
  expect(words).not.toMatch(/安娜/)
  await giveFeedback('贝恩写的')
  expect(await othersWaiting()).toBe(words)
})

/** The two kinds of browser, as far as anybody can ask: one looks for the kind of a worker before it looks at the address. */
function WorkerOfToday(address: string, options?: { type?: string }): never {
  void options?.type
  throw new SyntaxError(address)
}
function WorkerOfSafari14(address: string): never {
  throw new SyntaxError(address)
}

test.each([[WorkerOfToday, '有信号会自己交'], [WorkerOfSafari14, '要本人点“换人”'], [undefined, '要本人点“换人”']])('only a browser that can is said to hand over for others: %s', async (browser, said) => {
  vi.stubGlobal('Worker', browser)
  await giveFeedback('安娜写的')
  await changeTo(ben)
  await restart()
  expect(await othersWaiting()).toContain(said)
  vi.unstubAllGlobals()
})

test('two people have a sender each; one person has one', async () => {
  let other: unknown = null
  const own = await alone(async () => {
    other = await alone(async () => 'a second')
    return 'first'
  })
  expect([own, other]).toEqual(['first', null])
  await alone(async () => {
    await changeTo(ben)
    await restart()
    other = await alone(async () => 'beside')
  })
  expect(other).toBe('beside')
})

test('a list of people that is gone is found again: nobody is shut out of what she recorded', async () => {
  await inSpace('', (db) => db.settings.delete(PHONE))
  await restart()
  expect((await peopleHere()).map(({ name }) => name)).toEqual(['安娜', '贝恩'])
})

test('whoever was given up half way is begun again with the same key: an answer may have been lost', async () => {
  await changeToNewPerson()
  await restart()
  const begun = spaceHere()
  await withUser(async (db) => db.keys.put({ key: 'own_key', public_key: 'lost', private_key: null as never }))
  await changeTo('')
  await changeToNewPerson()
  await restart()
  expect([spaceHere(), (await withUser((db) => db.keys.get('own_key')))?.public_key]).toEqual([begun, 'lost'])
  expect(await peopleHere()).toHaveLength(2)
})

test('a page left open notices that the phone was handed to somebody else', async () => {
  expect(await changedOver()).toBe(false)
  await changeTo(ben)
  expect(await changedOver()).toBe(true)
})

test('reads begun for the first one never come up for the second', async () => {
  await changeTo(ben)
  killBrowser()
  await Promise.all([readAhead(true), identityAhead.begin()])
  expect(identityAhead.value()?.value?.account_name ?? '贝恩').toBe('贝恩')
})
