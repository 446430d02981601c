// The palette keeps its promise in every theme: a text colour has at least 4.5:1 on the grounds it stands on, 7:1 in the sun.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const CONTRAST_MIN = 4.5
const SUN_CONTRAST_MIN = 7
const css = readFileSync(fileURLToPath(new URL('./tokens.css', import.meta.url)), 'utf-8')

function theme(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(selector)).split('}')[0] ?? ''
  return new Map([...block.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6})/g)].map((found) => [found[1]!, found[2]!]))
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light! + 0.05) / (dark! + 0.05)
}

const PAIRS: [string, string][] = [
  ...['paper', 'surface', 'sunken'].flatMap((ground): [string, string][] => [['ink', ground], ['ink-2', ground]]),
  ['accent', 'surface'], ['accent', 'paper'], ['accent', 'accent-soft'], ['on-accent', 'accent'], ['on-major', 'major'], ['info', 'info-soft'], ['ink', 'info-soft'],
  ...['pass', 'fail', 'na'].flatMap((tone): [string, string][] => [[tone, `${tone}-soft`], [tone, 'surface']]),
]

test.each([':root', '[data-theme="dark"]', '[data-theme="auto"]'])('every word of %s can be read in sunlight', (selector) => {
  const colours = theme(selector)
  const weak = PAIRS.filter(([text, ground]) => contrast(colours.get(text)!, colours.get(ground)!) < CONTRAST_MIN)
  expect(weak).toEqual([])
})

test('in bright sun every word has the contrast of print on paper', () => {
  const colours = new Map([...theme(':root'), ...theme('[data-theme="sun"]')])
  const weak = PAIRS.filter(([text, ground]) => contrast(colours.get(text)!, colours.get(ground)!) < SUN_CONTRAST_MIN)
  expect(weak).toEqual([])
})

test('the two dark themes are the same one', () => {
  expect([...theme('[data-theme="auto"]')]).toEqual([...theme('[data-theme="dark"]')])
})
