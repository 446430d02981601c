// @vitest-environment jsdom
// Li Jun's large type and Zhou Li's colours for bright sun outlive a restart, and are on the page before anything is drawn.

import { beforeEach, expect, test, vi } from 'vitest'
import { showKeptLook } from './early_look'
import { SIZES, THEMES, chooseLook, keepLook, look, lookText, readLook } from './look'

const root = document.documentElement
const seen = (): unknown[] => [root.dataset['size'], root.dataset['theme'], root.hasAttribute('data-elder')]

function restart(): void {
  for (const name of ['data-size', 'data-theme', 'data-elder']) root.removeAttribute(name)
  root.dataset['theme'] = 'auto' // as the page comes
}

beforeEach(() => {
  window.history.replaceState(null, '', '/field/')
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) })
  document.cookie = 'gi-look=; path=/field/; max-age=0'
  document.head.innerHTML = '<meta name="theme-color" content="#f5f3ee" media="(prefers-color-scheme: light)"><meta name="theme-color" content="#10171d" media="(prefers-color-scheme: dark)">'
  restart()
  showKeptLook()
  keepLook()
})

test('what was chosen is there before the first paint of the next start', () => {
  chooseLook({ size: 'huge', elder: true })
  chooseLook({ theme: 'sun' })
  restart()
  showKeptLook()
  expect(seen()).toEqual(['huge', 'sun', true])
  expect([...document.querySelectorAll('meta')].map((meta) => meta.content)).toEqual(['#ffffff', '#ffffff'])
})

test('a browser that threw the cookie away is told again at the next start', () => {
  chooseLook({ theme: 'dark' })
  document.cookie = 'gi-look=; path=/field/; max-age=0'
  restart()
  showKeptLook()
  expect(seen()[1]).toBe('auto')
  keepLook()
  expect(seen()[1]).toBe('dark')
  expect(document.cookie).toContain('gi-look=normal.dark.')
})

test('back to standard leaves no trace, and the bar above the page has its own two colours again', () => {
  chooseLook({ size: 'large', theme: 'dark' })
  chooseLook({ size: 'normal', theme: 'auto' })
  expect(document.cookie).not.toContain('gi-look')
  expect(seen()).toEqual(['normal', 'auto', false])
  expect([...document.querySelectorAll('meta')].map((meta) => meta.content)).toEqual(['#f5f3ee', '#10171d'])
})

test('who had 大字 before keeps large words and large buttons', () => {
  localStorage.setItem('gi.size', 'large')
  keepLook()
  expect(look.value).toEqual({ size: 'large', theme: 'auto', elder: true })
})

test('every look survives being written down, and nonsense is the standard', () => {
  for (const size of SIZES) for (const theme of THEMES) for (const elder of [true, false]) expect(readLook(lookText({ size, theme, elder }))).toEqual({ size, theme, elder })
  expect(readLook('tiny.<script>')).toEqual({ size: 'normal', theme: 'auto', elder: false })
})
