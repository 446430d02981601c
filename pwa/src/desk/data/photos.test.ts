// Photos picked at the desk: kept until the station names them as received, whatever breaks on the way.
// The store is a real IndexedDB implementation; the station answers as it does on the wire.

import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepSession, type Session } from './client'
import * as keep from './photo_keep'
import { sendPhoto } from './photo_upload'
import { handOverPhotos, photosDeclared, photosWaiting, unpickPhoto } from './photos'

const SHA = 'ab'.repeat(32)
const BODY = new Uint8Array(300_000).fill(7).buffer
const DAY_MS = 86_400_000
const signedIn = { account: { id: 'a', name: '刘海', login: 'liuhai', roles: [], areas: [] }, station: { id: 's', code: 'BH', name: '北河', timezone: 'Asia/Shanghai' }, csrf: 'c', roles: ['chief'] } as Session

/** A station that takes parts at its own offset; `breaks` answers stand in front. */
function station(options: { known?: boolean; breaks?: (() => Response | Error)[]; receipt?: string } = {}): { got: () => number; asked: string[] } {
  let got = 0
  const known = options.known ?? true
  const asked: string[] = []
  const progress = (): Record<string, string> => ({ 'Upload-Offset': String(got), 'Upload-Epoch': '0' })
  vi.stubGlobal('fetch', (_path: string, request: RequestInit) => {
    asked.push(request.method ?? '')
    const broken = request.method === 'PATCH' ? options.breaks?.shift()?.() : undefined
    if (broken instanceof Error) return Promise.reject(broken)
    if (broken) return Promise.resolve(broken)
    if (!known) return Promise.resolve(new Response(null, { status: 404 }))
    if (request.method === 'HEAD') return Promise.resolve(new Response(null, { status: 204, headers: progress() }))
    const from = Number((request.headers as Record<string, string>)['Upload-Offset'])
    if (from !== got) return Promise.resolve(new Response('{"code":"wrong-offset","status":409}', { status: 409, headers: { ...progress(), 'Content-Type': 'application/problem+json' } }))
    got += (request.body as ArrayBuffer).byteLength
    if (got < BODY.byteLength) return Promise.resolve(new Response(null, { status: 204, headers: progress() }))
    return Promise.resolve(new Response(JSON.stringify({ receipt: options.receipt ?? JSON.stringify({ photo: SHA }), signature: 's' }), { status: 200, headers: { ...progress(), 'Content-Type': 'application/json' } }))
  })
  return { got: () => got, asked }
}

beforeEach(async () => {
  keepSession(signedIn)
  for (const each of await keep.all()) await keep.drop(each.sha256)
})
afterEach(async () => {
  keepSession(null)
  await handOverPhotos(0) // what a test set going in the background is over before the next one begins
  vi.unstubAllGlobals()
})

describe('one photo on its way', () => {
  it('goes in parts from where the station is, until the receipt names it', async () => {
    const { got, asked } = station()
    expect(await sendPhoto(SHA, BODY)).toBe('held')
    expect(got()).toBe(BODY.byteLength)
    expect(asked).toEqual(['HEAD', 'PATCH', 'PATCH'])
  })

  it('a 200 that names another photo, or none, is no receipt', async () => {
    station({ receipt: JSON.stringify({ photo: 'cd'.repeat(32) }) })
    expect(await sendPhoto(SHA, BODY)).toBe('later')
    station({ receipt: 'welcome to the hotel' })
    expect(await sendPhoto(SHA, BODY)).toBe('later')
  })
})

describe('photos that wait', () => {
  it('liuhai loses the network in the middle: the photo stays, and arrives the next time', async () => {
    await keep.put({ sha256: SHA, body: BODY, at: Date.now(), declared: true })
    station({ breaks: [() => new TypeError('network')] })
    await handOverPhotos(Date.now())
    expect(photosWaiting.value).toBe(1)
    expect((await keep.find(SHA))?.body.byteLength).toBe(BODY.byteLength)
    station()
    await handOverPhotos(Date.now())
    expect(photosWaiting.value).toBe(0)
    expect(await keep.find(SHA)).toBeNull()
  })

  it('one that stands in an open form is not sent, and goes only when it is taken back', async () => {
    await keep.put({ sha256: SHA, body: BODY, at: Date.now(), declared: false })
    const { asked } = station()
    await handOverPhotos(Date.now())
    expect(asked).toEqual([])
    await unpickPhoto(SHA)
    expect(await keep.find(SHA)).toBeNull()
  })

  it('one that a fact names cannot be taken back any more', async () => {
    await keep.put({ sha256: SHA, body: BODY, at: Date.now(), declared: false })
    station({ breaks: [() => new TypeError('network')] })
    await photosDeclared([{ sha256: SHA, bytes: BODY.byteLength }])
    await unpickPhoto(SHA)
    expect(await keep.find(SHA)).not.toBeNull()
  })

  it('the answer to the decision was lost and the form is gone: the station knows the photo, so it gets it', async () => {
    await keep.put({ sha256: SHA, body: BODY, at: Date.now() - DAY_MS, declared: false })
    const { got } = station()
    await handOverPhotos(Date.now())
    expect(got()).toBe(BODY.byteLength)
  })

  it('a photo of a form that was never sent is let go after a week, not before', async () => {
    station({ known: false })
    await keep.put({ sha256: SHA, body: BODY, at: Date.now() - 6 * DAY_MS, declared: false })
    await handOverPhotos(Date.now())
    expect(await keep.find(SHA)).not.toBeNull()
    await keep.put({ sha256: SHA, body: BODY, at: Date.now() - 8 * DAY_MS, declared: false })
    await handOverPhotos(Date.now())
    expect(await keep.find(SHA)).toBeNull()
  })
})
