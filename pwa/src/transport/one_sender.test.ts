import { afterEach, expect, test, vi } from 'vitest'
import { newPhone } from '../../tests/phone'
import type * as OneSender from './one_sender'

afterEach(() => vi.unstubAllGlobals())

async function tab(): Promise<typeof OneSender> {
  vi.resetModules()
  return import('./one_sender')
}

test('on a browser without Web Locks a lease keeps a second page from sending, and is free again afterwards', async () => {
  newPhone()
  vi.stubGlobal('navigator', {})
  const [one, other] = [await tab(), await tab()]
  let finish: () => void = () => undefined
  const first = one.alone(() => new Promise<string>((done) => (finish = () => done('sent'))))
  expect(await other.alone(() => Promise.resolve('sent too'))).toBeNull()
  finish()
  expect(await first).toBe('sent')
  expect(await other.alone(() => Promise.resolve('sent later'))).toBe('sent later')
})

test('a lease left by a killed page before the clock was set back by years does not keep her work on the phone for years', async () => {
  newPhone()
  vi.stubGlobal('navigator', {})
  const [killed, next] = [await tab(), await tab()]
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2031, 0, 1))
  void killed.alone(() => new Promise(() => undefined))
  clock.mockReturnValue(Date.UTC(2026, 0, 1))
  expect(await next.alone(() => Promise.resolve('sent'))).toBe('sent')
})
