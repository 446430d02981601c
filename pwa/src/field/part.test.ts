// @vitest-environment jsdom
// A later file of the app that did not come over a bad line: the tap says so, and the next tap asks again.

import { beforeEach, expect, test, vi } from 'vitest'
import './part'

const asked: string[] = []
let lost = new Set<string>()

/** The line: a file that comes gives what its name says. */
function answer(element: HTMLScriptElement | HTMLLinkElement): void {
  const name = (element instanceof HTMLLinkElement ? element.href : element.src).split('/').pop() ?? ''
  asked.push(name)
  if (lost.has(name)) { element.onerror?.(new Event('error')); return }
  globalThis.parts = { ...globalThis.parts, [name]: { name } }
  element.onload?.(new Event('load'))
}

beforeEach(() => {
  asked.length = 0
  lost = new Set()
  globalThis.parts = {}
  vi.spyOn(document.head, 'append').mockImplementation((element) => answer(element as HTMLScriptElement))
})

test('a screen comes with what it needs before it and with the styles, each asked for once', async () => {
  expect(await globalThis.part('list.js', 'visit.js')).toEqual({ name: 'visit.js' })
  expect(await globalThis.part('list.js', 'finish.js')).toEqual({ name: 'finish.js' })
  expect(asked.filter((name) => name.endsWith('.js'))).toEqual(['list.js', 'visit.js', 'finish.js'])
  expect(asked.length).toBe(4)
})

test('what did not come is said, and asked for again at the next tap', async () => {
  lost = new Set(['map.js'])
  await expect(globalThis.part('map.js')).rejects.toThrow('map.js did not come')
  lost = new Set()
  expect(await globalThis.part('map.js')).toEqual({ name: 'map.js' })
})

test('a file that came and broke is not taken for one that is there', async () => {
  vi.mocked(document.head.append).mockImplementation((element) => (element as HTMLScriptElement).onload?.(new Event('load')))
  await expect(globalThis.part('broken.js')).rejects.toThrow('broken.js did not come')
})
