// Four results and nothing else: done, offline, refused, fault. A captive portal's 200 is never success.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { get, keepSession, post, queryText, sayTrouble, session, type Session } from './client'

const signedIn: Session = {
  account: { id: 'a', name: '刘海', login: 'liuhai', roles: ['chief'], areas: [] }, station: { id: 's', code: 'BH', name: '北河镇安监站', timezone: 'Asia/Shanghai' }, csrf: 'c-1', roles: ['chief'],
}

function answering(status: number, type: string, body: unknown): ReturnType<typeof vi.fn> {
  const asked = vi.fn(() => Promise.resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers: { 'Content-Type': type } })))
  vi.stubGlobal('fetch', asked)
  return asked
}

afterEach(() => { vi.unstubAllGlobals(); keepSession(null) })

describe('the way to the station', () => {
  it('a portal that answers 200 with its own page has received nothing', async () => {
    answering(200, 'text/html', '<html>请登录宽带</html>')
    expect(await post('/decisions', {})).toEqual({ is: 'fault', status: 200 })
  })

  it('no network is a result with words, not an exception', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')))
    const result = await get('/review')
    expect(result).toEqual({ is: 'offline' })
    expect(sayTrouble({ is: 'offline' })).toContain('连不上')
  })

  it('a writing request carries the session mark, a reading one does not', async () => {
    keepSession(signedIn)
    const asked = answering(200, 'application/json', {})
    await post('/decisions', {})
    await get('/review')
    expect((asked.mock.calls[0] as unknown[])[1]).toMatchObject({ headers: { 'X-CSRF': 'c-1', 'Content-Type': 'application/json' } })
    expect(((asked.mock.calls[1] as unknown[])[1] as RequestInit).headers).not.toHaveProperty('X-CSRF')
  })

  it('an ended session leads back to the door, and the words of wrong fields are told', async () => {
    keepSession(signedIn)
    answering(401, 'application/problem+json', { code: 'session-expired', detail: '登录过期了，请重新登录。', status: 401, retry: false, title: '' })
    await get('/review')
    expect(session.value).toBeNull()
    answering(422, 'application/problem+json', { code: 'invalid-input', detail: '有 1 处填得不对。', status: 422, retry: false, title: '', fields: [{ path: 'x', text: '这一项要填。' }] })
    const result = await post('/decisions', {})
    expect(result.is === 'refused' && sayTrouble(result)).toBe('有 1 处填得不对。 这一项要填。')
  })

  it('a question leaves out what it does not narrow by', () => {
    expect(queryText({ state: ['a', 'b'], q: '', overdue: false, page: 2, area: null })).toBe('?state=a%2Cb&page=2')
  })
})
