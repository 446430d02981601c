import { expect, test } from 'vitest'
import { PHOTO_BYTES_AIM, PHOTO_BYTES_FEW, QUALITIES, stillWorth, triesFor } from './jpeg_size'

const KB = 1024
const SIDE = 1600
const first = (bytesAtUsual: number): number | undefined => triesFor(SIDE, bytesAtUsual)[0]?.quality

test('an everyday photo keeps the usual quality: it is within 150 to 250 KB as it is', () => {
  for (const bytes of [PHOTO_BYTES_FEW, 200 * KB, 230 * KB]) expect(first(bytes)).toBe(0.72)
})

test('a photo with little in it is kept better, one full of leaves or gravel worse, down to where a plate can still be read', () => {
  expect(first(130 * KB)).toBe(0.8)
  expect(first(60 * KB)).toBe(0.85)
  expect(first(260 * KB)).toBe(0.62)
  expect(first(300 * KB)).toBe(0.42)
  expect(first(900 * KB)).toBe(0.42)
})

test('whatever the guess, no photo is tried more than once at a quality, and the last try is always there', () => {
  for (let kb = 5; kb < 2000; kb += 5) {
    const qualities = triesFor(SIDE, kb * KB).map((each) => each.quality)
    expect(qualities.at(-1)).toBe(QUALITIES.at(-1))
    expect(qualities).toEqual([...new Set(qualities)].sort((a, b) => b - a))
  }
})

test('a guess that was too small costs one more try, not all of them', () => {
  const tries = triesFor(SIDE, 230 * KB)
  const again = stillWorth(tries, PHOTO_BYTES_AIM + 5 * KB, PHOTO_BYTES_AIM)
  expect(again[0]).toEqual({ side: SIDE, quality: 0.62 })
  expect(stillWorth(tries, 3 * PHOTO_BYTES_AIM, PHOTO_BYTES_AIM)).toEqual([{ side: SIDE, quality: 0.42 }])
})

test('a preview gives up pixels only after quality', () => {
  const tries = [480, 320].flatMap((side) => [0.72, 0.42].map((quality) => ({ side, quality })))
  expect(stillWorth(tries, 28 * KB, 24 * KB)[0]).toEqual({ side: 480, quality: 0.42 })
  expect(stillWorth(tries, 50 * KB, 24 * KB)[0]).toEqual({ side: 320, quality: 0.72 })
})
