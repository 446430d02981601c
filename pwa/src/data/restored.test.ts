import { beforeEach, expect, test } from 'vitest'
import { ANA, ENROLMENT, GRID, STATION, enrolledPhone } from '../../tests/phone'
import { withUser } from '../db/access'
import type { PulledPage } from '../db/pulled'
import type { FactRecord, PhotoRecord } from '../db/user'
import { enrol } from './enrol'
import { me, updateIdentity } from './identity'
import { plug } from './ports'
import { outlived } from './pulled'
import { handOverAgain } from './restored'

const OLDER = ENROLMENT.replace('cccc', 'c0c0')
const SHA = 'ab'.repeat(32)

function fact(id: string, change: Partial<FactRecord>): FactRecord {
  return {
    id, enrolment: ENROLMENT, n: 1, kind: 'activity.recorded', subject: id, site: null, title: '', at: '2026-11-20T00:00:00.000Z', line: '{}', sha256: id,
    private_line: null, photos: [], state: 'receipted', batch: 'b', verdict: null, receipted_at: '2026-11-20T00:00:00.000Z', log_size: 10, parked: null, ...change,
  }
}

beforeEach(async () => {
  await enrolledPhone()
})

test('only what the restored log lacks waits again, whichever of her enrolments it was written under', async () => {
  await withUser((db) => db.facts.bulkPut([
    fact('in the backup', { n: 1, log_size: 10 }),
    fact('after it', { n: 2, log_size: 11 }),
    fact('after it, under the older enrolment', { enrolment: OLDER, n: 7, log_size: 12 }),
    fact('a number the station has not got', { n: 3, log_size: 9 }),
    fact('not sent yet', { n: 4, state: 'unsent', log_size: null, batch: null }),
  ]))
  expect(await handOverAgain({ size: 10, enrolment: ENROLMENT, n_received: 2 })).toBe(3)
  const states = await withUser((db) => db.facts.toArray())
  expect(states.filter(({ state }) => state === 'receipted').map(({ id }) => id)).toEqual(['in the backup'])
  expect(await handOverAgain({ size: 10, enrolment: ENROLMENT, n_received: 2 })).toBe(0)
})

test('every photo still on the phone is asked about again, also of facts the backup has', async () => {
  const photo = { sha256: SHA, bytes: 3, state: 'held', body_gone: false, log_size: 5, held_at: '2026-11-20T00:00:00.000Z', receipt: '{}', at: '' } as PhotoRecord
  await withUser((db) => db.photos.bulkPut([photo, { ...photo, sha256: 'cd'.repeat(32), body_gone: true }]))
  await handOverAgain({ size: 10, enrolment: ENROLMENT, n_received: 0 })
  expect((await withUser((db) => db.photos.toArray())).map(({ state }) => state)).toEqual(['waiting', 'held'])
  // its fact is there: it may go at once
  expect((await withUser((db) => db.photos.get(SHA)))?.log_size).toBe(5)
  expect(await withUser((db) => db.outbox.count())).toBe(1)
})

test('enrolling anew after a restore does not make the phone think it has handed everything over already', async () => {
  await updateIdentity({ signed_out: true })
  const claimed = {
    enrolment: OLDER, token: 't', account: { id: ANA }, station: { id: STATION, name: '幸福镇', timezone: 'Asia/Shanghai' }, server_key: 'k', epoch: 28_000_000,
    time: '2026-11-21T02:00:00.000Z', head: { size: 0, root: '', time: '', signature: '' }, account_areas: [GRID],
  }
  plug({ wake: () => undefined, picture: () => Promise.resolve(null), claim: () => Promise.resolve({ ok: true, value: { claimed: claimed as never, sent_at: 0, received_at: 0 } }) })
  expect((await enrol('ABCDEFGH')).ok).toBe(true)
  expect(await me()).toMatchObject({ enrolment: OLDER, epoch: 1 })
})

test('what no backup has stays longest; days and bytes have an end', () => {
  const day = 100
  const page = (key: string, days: number, to: number, bytes = 1): PulledPage => ({
    key, epoch: 1, from: 0, to, signature: '', bytes, kept_at: '2026-11-21T00:00:00.000Z', kept_day: day - days, handed_to: null,
  })
  const standing = { epoch: 1, covered: 100, day }
  expect(outlived([page('new', 1, 100), page('covered', 8, 100), page('lacking', 29, 101), page('old', 31, 101)], standing).sort()).toEqual(['covered', 'old'])
  const half = 11 * 1024 * 1024
  expect(outlived([page('covered today', 0, 100, half), page('lacking for weeks', 20, 101, half)], standing)).toEqual(['covered today'])
  // of another epoch than the running one no backup is known to have anything
  expect(outlived([page('of the lost log', 20, 50)], { ...standing, epoch: 2 })).toEqual([])
})
