// What a phone tells a restored station of its enrolments, against a station in this process.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { ENROLMENT, enrolledPhone } from '../../tests/phone'
import { Station } from '../../tests/station'
import { withUser } from '../db/access'
import { me, updateIdentity } from '../data/identity'
import { senderNow } from '../data/sender_view'
import { claim } from './claim'
import { returned } from './returning'
import { Sender } from './sender'

const FIRST = ENROLMENT.replace('cccc', 'c0c0')
const REVOKED = ENROLMENT.replace('cccc', 'dead')
let station: Station
const request = { code: 'ABCDEFGH', public_key: 'p', label: 'l', proof: 's' }
const statement = (enrolment: string): { text: string; signature: string } => ({ text: JSON.stringify({ enrolment }), signature: 's' })

beforeEach(async () => {
  station = new Station(await enrolledPhone())
  await station.open()
})

afterEach(async () => {
  await station.close()
})

/** As one enrolment after the other stood in this browser; the claim of the fake station always fails, so the last one is put in here. */
async function enrolledAs(...enrolments: string[]): Promise<void> {
  for (const [place, enrolment] of enrolments.entries()) {
    if (place > 0) await claim(request)
    await updateIdentity({ enrolment, statement: statement(enrolment) })
  }
  station.seen = []
}

const told = (): string[] =>
  station.seen.map(({ path, body }) => {
    const { statement: text } = JSON.parse(body.toString()) as { statement?: string }
    return text ? (JSON.parse(text) as { enrolment: string }).enrolment : path.split('/').pop()!
  })

test('before a claim by code every enrolment this browser had is told, oldest first: its older facts stay its own', async () => {
  await enrolledAs(FIRST, REVOKED, ENROLMENT)
  await claim(request)
  expect(told()).toEqual([FIRST, REVOKED, ENROLMENT, 'claim'])
  expect((await me())?.token).toBe(`token of ${ENROLMENT}`)
  // a second try tells none of them twice
  station.seen = []
  await claim(request)
  expect(told()).toEqual([FIRST, REVOKED, ENROLMENT, 'claim'])
})

test('a phone that the station does not know comes back with its older enrolments before the running one', async () => {
  await enrolledAs(FIRST, ENROLMENT)
  expect(await returned()).toBe(true)
  expect(told()).toEqual([FIRST, ENROLMENT])
  expect((await me())?.token).toBe(`token of ${ENROLMENT}`)
})

test('while the station cannot be told of the older enrolments nothing is claimed, and it can be tried again', async () => {
  await enrolledAs(FIRST, ENROLMENT)
  station.mishaps = ['busy']
  expect(await claim(request)).toMatchObject({ ok: false, retry: true })
  expect(station.seen.map(({ path }) => path.split('/').pop())).toEqual(['return'])
  await claim(request)
  expect(told().slice(1)).toEqual([FIRST, ENROLMENT, 'claim'])
})

test('restored once more between two of its enrolments, the station is told of all of them again, the oldest first', async () => {
  await enrolledAs(FIRST, ENROLMENT)
  station.mishaps = ['restored_again']
  expect(await returned()).toMatchObject({ kind: 'refused', problem: { code: 'epoch-changed' } })
  expect((await me())?.token).not.toBe(`token of ${ENROLMENT}`)
  expect(await returned()).toBe(true)
  expect(told()).toEqual([FIRST, ENROLMENT, FIRST, ENROLMENT])
})

/** A sender whose timers this test fires; `waits` are what it asked for, in milliseconds. */
function waitingSender(): { wake: Sender['wake']; waits: number[]; fire: () => Promise<void> } {
  const waits: number[] = []
  let due: (() => void) | null = null
  const timers = { setTimer: (work: () => void, ms: number): unknown => { due = work; return waits.push(ms) }, clearTimer: (): void => { due = null } }
  const sender = new Sender({ now: () => Date.now(), random: () => 1, ...timers, hidden: () => false })
  const fire = async (): Promise<void> => {
    due?.()
    await sender.wake('timer') // joins the run just begun
  }
  return { wake: (reason) => sender.wake(reason), waits, fire }
}

test('an outage between the 401 and the return is no answer: it tries again by itself, longer each time, until the station knows it', async () => {
  await enrolledAs(ENROLMENT)
  const { wake, waits, fire } = waitingSender()
  for (let outage = 0; outage < 4; outage++) {
    station.mishaps = ['unauthorized', outage % 2 ? 'portal' : 'busy']
    await (outage === 0 ? wake('launch') : fire())
    expect((await me())?.signed_out).toBe(false)
    expect(senderNow().problem).toBeNull()
    expect(senderNow().next_try_at).not.toBeNull()
  }
  expect(waits).toEqual([1000, 2000, 4000, 8000])
  station.mishaps = ['unauthorized']
  await fire()
  expect(await me()).toMatchObject({ token: `token of ${ENROLMENT}`, signed_out: false })
  expect(senderNow().phase).toBe('idle')
})

test('only the no of the station itself makes it ask the person, and a station restored later is found at the next start', async () => {
  await enrolledAs(ENROLMENT)
  station.mishaps = ['unauthorized', 'no_restore']
  await waitingSender().wake('launch')
  expect(senderNow()).toMatchObject({ phase: 'blocked', problem: { code: 'signed_out' } })
  station.seen = []
  await waitingSender().wake('visible')
  expect(station.seen).toEqual([])
  station.mishaps = ['unauthorized']
  await waitingSender().wake('launch')
  expect(await me()).toMatchObject({ token: `token of ${ENROLMENT}`, signed_out: false })
})

test('a phone new out of its box claims at once', async () => {
  await withUser((db) => db.identity.clear())
  await claim(request)
  expect(told()).toEqual(['claim'])
})
