import { beforeEach, expect, test, vi } from 'vitest'
import { ANA, ENROLMENT, GRID, STATION, enrolledPhone, killBrowser, newPhone } from '../../tests/phone'
import { withUser } from '../db/access'
import { signedBy } from '../lib/signature'
import { giveFeedback } from './one_tap'
import { clockOffset, enrol } from './enrol'
import { me } from './identity'
import { plug, type ClaimRequest } from './ports'
import { rowsOf } from './rows'
import { readAhead } from './start'

const CLAIMED = {
  enrolment: ENROLMENT, token: 't', account: { id: ANA, name: '安娜', roles: ['inspector'], areas: [GRID] }, station: { id: STATION, code: 'X', name: '幸福镇', timezone: 'Asia/Shanghai' },
  server_key: 'key', epoch: 1, time: '2026-11-21T02:00:00.000Z', head: { size: 0, root: '', time: '', signature: '' },
}
const requests: ClaimRequest[] = []
let answers: ('lost' | typeof CLAIMED)[] = []

beforeEach(() => {
  requests.length = 0
  plug({
    wake: vi.fn(),
    picture: () => Promise.resolve(null),
    claim: (request) => {
      requests.push(request)
      const answer = answers.shift() ?? CLAIMED
      if (answer === 'lost') return Promise.resolve({ ok: false, code: 'offline', words: '没有信号，登记没有完成', retry: true })
      const device = Date.parse(CLAIMED.time)
      return Promise.resolve({ ok: true, value: { claimed: answer as never, sent_at: device + 3_600_000, received_at: device + 3_602_000 } })
    },
  })
})

test('when the reply to a claim is lost, the same phone asks again with the same key', async () => {
  newPhone()
  answers = ['lost', CLAIMED]
  expect(await enrol('abcd-efgh')).toMatchObject({ ok: false, retry: true })
  expect(await enrol('ABCD EFGH')).toMatchObject({ ok: true, value: { account: ANA, offset_ms: 3_601_000 } })
  const [first, second] = requests
  expect(second?.public_key).toBe(first?.public_key)
  expect(await signedBy(second!.public_key, `grid-inspector/claim/1\nABCDEFGH\n${second!.public_key}`, second!.proof)).toBe(true)
})

test('the private key can never be read out of the phone', async () => {
  newPhone()
  answers = [CLAIMED]
  await enrol('ABCDEFGH')
  const key = await withUser((db) => db.keys.get('own_key'))
  await expect(crypto.subtle.exportKey('jwk', key!.private_key)).rejects.toThrow()
})

test('her own new enrolment keeps what she has not handed over, and her numbers begin anew', async () => {
  await enrolledPhone()
  await giveFeedback('还没上交')
  answers = [{ ...CLAIMED, enrolment: ENROLMENT.replace('cccc', 'c1c1') }]
  expect(await enrol('ABCDEFGH')).toMatchObject({ ok: true, value: { elsewhere: false } })
  expect(await withUser((db) => Promise.all([db.outbox.count(), db.facts.count()]))).toEqual([1, 1])
  expect((await withUser((db) => db.counters.get('counter')))?.next_n).toBe(1)
})

test('the code of somebody else opens a space of his own, and nothing of hers is touched or shown to him', async () => {
  await enrolledPhone()
  await giveFeedback('还没上交')
  const before = await everything()
  answers = [{ ...CLAIMED, enrolment: ENROLMENT.replace('cccc', 'c1c1'), account: { ...CLAIMED.account, id: ANA.replace('bbbb', 'b1b1') } }]
  expect(await enrol('ABCDEFGH')).toMatchObject({ ok: true, value: { elsewhere: true } })
  expect(await everything()).toEqual(before)
  killBrowser()
  await readAhead(true)
  expect((await me())?.enrolment).toBe(ENROLMENT.replace('cccc', 'c1c1'))
  expect(await rowsOf('site')).toEqual([])
  expect(await withUser((db) => Promise.all([db.outbox.count(), db.facts.count(), db.counters.get('counter')]))).toMatchObject([0, 0, { next_n: 1 }])
})

async function everything(): Promise<unknown> {
  return withUser((db) => Promise.all([db.identity.toArray(), db.facts.toArray(), db.outbox.toArray(), db.counters.toArray()]))
}

test('the clock is measured at the middle of sending and hearing back', () => {
  expect(clockOffset('2026-11-21T00:00:00.000Z', Date.parse('2026-11-24T00:00:00.000Z') - 500, Date.parse('2026-11-24T00:00:00.000Z') + 500)).toBe(3 * 86_400_000)
  expect(clockOffset('no time', 0, 0)).toBeNull()
})
