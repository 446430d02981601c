import { beforeEach, expect, test, vi } from 'vitest'
import { newPhone } from '../../tests/phone'
import { isIphone, usePlatform } from './platform'

const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1'
const ANDROID = 'Mozilla/5.0 (Linux; Android 14; Redmi Note 12) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36'

function browser({ agent = ANDROID, secure = true, quota = 10_000_000_000, standalone = false } = {}): void {
  vi.stubGlobal('isSecureContext', secure)
  vi.stubGlobal('navigator', { userAgent: agent, maxTouchPoints: 5, standalone, storage: { estimate: () => Promise.resolve({ quota, usage: 0 }), persisted: () => Promise.resolve(true) } })
}

beforeEach(() => newPhone())

const codes = async (): Promise<string[]> => (await usePlatform().check()).map((trouble) => trouble.code)

test('an ordinary Android browser on https has nothing to complain about', async () => {
  browser()
  expect(await codes()).toEqual([])
  expect(usePlatform().blocked.value).toBeNull()
})

test.each([
  ['plain http', { secure: false }, 'insecure'],
  ['WeChat', { agent: `${ANDROID} MicroMessenger/8.0` }, 'wechat'],
  ['a private window', { quota: 50_000_000 }, 'private_mode'],
  ['an iPhone that has not put the app on its home screen', { agent: SAFARI }, 'not_installed'],
])('in %s the app says what is wrong and what to do, before anything is recorded', async (_, setting, code) => {
  browser(setting)
  expect(await codes()).toEqual([code])
  const { blocked, troubles } = usePlatform()
  // a nearly full phone looks like a private window: it is warned, not locked out
  expect(blocked.value === null).toBe(code === 'private_mode')
  expect([troubles.value[0]?.words.length, troubles.value[0]?.remedy.length].every((length) => (length ?? 0) > 5)).toBe(true)
})

test('the installed app on an iPhone is fine, and an iPad does not pass for a Mac', async () => {
  browser({ agent: SAFARI, standalone: true })
  expect(await codes()).toEqual([])
  expect(isIphone('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 5)).toBe(true)
  expect(isIphone('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)', 0)).toBe(false)
})
