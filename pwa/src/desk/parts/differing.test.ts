// Where two texts differ is what is marked, and putting the pieces together gives the text again.

import { expect, it } from 'vitest'
import { differing } from './differing'

it('marks the middle that differs and nothing else', () => {
  expect(differing('软管长2.3米', '软管长2.8米')).toEqual([{ text: '软管长2.', differs: false }, { text: '3', differs: true }, { text: '米', differs: false }])
  expect(differing('后门', '后门')).toEqual([{ text: '后门', differs: false }])
  expect(differing('二楼后门', '后门')).toEqual([{ text: '二楼', differs: true }, { text: '后门', differs: false }])
  expect(differing('甲', '')).toEqual([{ text: '甲', differs: false }])
})

it('loses no sign of the text', () => {
  for (const [one, other] of [['aa', 'a'], ['a', 'aa'], ['没写', '二楼'], ['aba', 'aa'], ['👩‍🚒门', '👩‍🚒窗']] as const) {
    expect(differing(one, other).map((piece) => piece.text).join('')).toBe(one)
  }
})
