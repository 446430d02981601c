// The whole list over a line that breaks: what came stays, and nothing of another scope, log or enrolment is mixed in.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ENROLMENT, enrolledPhone, killBrowser, wireRow } from '../../tests/phone'
import { Station } from '../../tests/station'
import { withUser } from '../db/access'
import { rowsOf } from '../data/rows'
import { Sender } from './sender'

const PAGE_ROWS = 2
const HOUR_MS = 3_600_000
const OTHER_ENROLMENT = ENROLMENT.replace('cccc', 'c0c0')

let station: Station
const wake = (): Promise<unknown> => new Sender({ now: () => Date.now(), random: () => 0.5, setTimer: () => 0, clearTimer: () => undefined, hidden: () => false }).wake('manual')
const places = (): string[] => station.seen.map(({ path }) => path).filter((path) => path.includes('/sync/snapshot')).map((path) => new URL(path, station.origin).searchParams.get('after') ?? '')
const names = async (): Promise<string[]> => (await rowsOf('site')).map(({ name }) => name).sort()
const sites = (...listed: string[]): Station['rows'] =>
  listed.map((name, place) => wireRow('site', `018f0000-0000-7000-8000-00000000e${name === '旧' ? 'f' : place}0${place}`, { state: 'active', name, place_types: [], area: '' }))

beforeEach(async () => {
  station = new Station(await enrolledPhone())
  await station.open()
  await wake() // the list of this morning
  station.pageRows = PAGE_ROWS
  station.rows = sites('甲', '乙', '旧', '丁', '戊')
  station.mishaps = ['scope_changed', 'drop_reply']
  station.seen = []
  await wake() // the scope has changed; the line breaks after the first page
  station.mishaps = ['scope_changed'] // and the station goes on saying so
})
afterEach(async () => {
  vi.useRealTimers()
  await station.close()
})

test('the next try goes on where the line broke, also after the app was killed; until then the old list stands', async () => {
  const before = await names()
  killBrowser()
  expect(await names()).toEqual(before)
  await wake()
  expect(places()).toEqual(['', '2', '2', '4'])
  expect(await names()).toEqual(['甲', '乙', '旧', '丁', '戊'].sort())
})

test.each([
  ['the scope changed again', async () => { station.mishaps.push('scope_changed') }, ['2', '', '2']],
  ['the station was restored', async () => { station.epoch = 2 }, ['2', '', '2']],
  ['the phone was enrolled anew', async () => {
    station.mishaps = [] // a new enrolment asks for no changes after an old place
    await withUser((db) => db.identity.update('me', { enrolment: OTHER_ENROLMENT }))
  }, ['', '2']],
  ['a day has passed', async () => { vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * HOUR_MS }) }, ['', '2']],
])('it begins anew, and nothing of the old pages stays: %s', async (_, change, after) => {
  station.rows = sites('甲', '乙', '丙')
  await change()
  station.seen = []
  await wake()
  expect(places()).toEqual(after)
  expect(await names()).toEqual(['甲', '乙', '丙'].sort())
})
