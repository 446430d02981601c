// The station's server is in trouble (its disk is full, its database locked, its photo store read-only): the phone keeps everything,
// says so in plain words, comes again when it was told to, and then all is handed over once.

import { createServer, request as forward, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { enrolledPhone } from '../../tests/phone'
import { Station, pageAt } from '../../tests/station'
import { visitWith } from '../../tests/visit'
import { PROBLEMS } from '../contract/problems'
import { remaining } from '../data/handover'
import { senderNow } from '../data/sender_view'
import { withUser } from '../db/access'
import { Sender } from './sender'

const RETRY_AFTER_S = 300
let station: Station
let front: Server
let trouble: { code: string; at: RegExp } | null = null
const sender = (): Sender => new Sender({ now: () => Date.now(), random: () => 0.5, setTimer: () => 0, clearTimer: () => undefined, hidden: () => false })

/** Stands where the real server stands: while there is trouble it answers as app/faults.py does, otherwise it passes on. */
function inFrontOf(origin: string): Server {
  return createServer((request, response) => {
    const known = trouble?.at.test(request.url ?? '') ? PROBLEMS[trouble.code] : undefined
    if (trouble && known) {
      request.resume().on('end', () => {
        response.writeHead(known.status, { 'Content-Type': 'application/problem+json', 'Retry-After': String(RETRY_AFTER_S) })
        response.end(JSON.stringify({ code: trouble?.code, detail: known.zh, status: known.status, retry: known.retry }))
      })
      return
    }
    const onward = forward(origin + (request.url ?? ''), { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
}

beforeEach(async () => {
  station = new Station(await enrolledPhone())
  await station.open()
  front = inFrontOf(station.origin)
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  pageAt(`http://127.0.0.1:${(front.address() as AddressInfo).port}`)
})

afterEach(async () => {
  trouble = null
  front.closeAllConnections()
  await new Promise((resolve) => front.close(resolve))
  await station.close()
})

const left = async (): Promise<[number, number]> => [(await remaining()).facts, (await remaining()).photos]
const statesOf = async (): Promise<string[]> => [
  ...(await withUser((db) => db.facts.toArray())).map((fact) => (fact.parked === null ? fact.state : 'parked')),
  ...(await withUser((db) => db.photos.toArray())).map((photo) => photo.state),
]

test.each([
  { code: 'disk-full', why: '站里的硬盘满了，没有收下；请联系管理员，手机上的记录都还在' },
  { code: 'disk-unwritable', why: '站里的硬盘写不进去，没有收下；请告诉管理员，手机上的记录都还在' },
  { code: 'database-busy', why: '站里正忙，没有收下，过一会儿会自动再传' },
])('$code: nothing leaves the phone, Ana reads why, and later all is there once', async ({ code, why }) => {
  await visitWith('photo')
  trouble = { code, at: /./ }
  const before = Date.now()
  for (let tries = 0; tries < 3; tries++) await sender().wake('manual')
  expect(await left()).toEqual([2, 1])
  expect(await statesOf()).not.toContain('parked')
  expect(await withUser((db) => db.receipts.count())).toBe(0)
  expect(senderNow()).toMatchObject({ phase: 'waiting', why, inspections_left: 1, photos_left: 1 })
  expect(Date.parse(senderNow().next_try_at ?? '')).toBeGreaterThanOrEqual(before + RETRY_AFTER_S * 1000)
  trouble = null
  await sender().wake('manual')
  expect(await left()).toEqual([0, 0])
  expect(station.facts.size).toBe(2)
})

test.each(['disk-full', 'store-read-only', 'store-unreachable'])('%s for photos only: the words are handed over, the photo stays and goes later', async (code) => {
  await visitWith('photo')
  trouble = { code, at: /\/photos\// }
  for (let tries = 0; tries < 3; tries++) await sender().wake('manual')
  expect(await left()).toEqual([0, 1])
  const [kept] = await withUser((db) => db.photos.toArray())
  expect(kept?.state).toBe('waiting')
  expect(senderNow()).toMatchObject({ why: expect.stringMatching(/^站里/), facts_left: 0, photos_left: 1 })
  trouble = null
  await sender().wake('manual')
  expect(await left()).toEqual([0, 0])
  expect([...station.photos.values()].map(({ held }) => held)).toEqual([true])
})
