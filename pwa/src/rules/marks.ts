// Circles and arrows a finger drew on a photo, as figures on a picture of any size. The station draws the same on copies
// (app/photos/marks.py, tests/vectors/marks.json). The photo that is kept is never drawn on (I13).

import type { PhotoMark } from '../contract/wire'

/** of the longer side */
const HEAD = 0.05
/** radians, from the shaft to each side of the head */
const SPREAD = 0.5
/** of the longer side */
const LINE = 0.008
/** drawn shorter than this it was a tap: in per mille */
const TAP = 25
const TAPPED_RADIUS = 90
const SCALE = 1000

export const MARK_COLOUR = '#ff3b30'
export const MARK_HALO = '#ffffff'

export interface Figure {
  /** left, top, right, bottom */
  circle?: number[]
  /** from, to */
  shaft?: number[]
  /** the tip and both sides */
  head?: number[][]
}

export function figureOf({ shape, box }: PhotoMark, width: number, height: number): Figure {
  const [x1, y1, x2, y2] = box.map((each, at) => (each * (at % 2 === 0 ? width : height)) / SCALE) as [number, number, number, number]
  if (shape === 'circle') return { circle: [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)].map(near) }
  const angle = Math.atan2(y2 - y1, x2 - x1)
  const head = HEAD * Math.max(width, height)
  const sides = [-SPREAD, SPREAD].map((side) => [near(x2 - head * Math.cos(angle + side)), near(y2 - head * Math.sin(angle + side))])
  // the shaft ends inside the head, so that the tip is the head's alone
  const shaft = [x1, y1, x2 - (head / 2) * Math.cos(angle), y2 - (head / 2) * Math.sin(angle)].map(near)
  return { shaft, head: [[near(x2), near(y2)], ...sides] }
}

export function linePixels(width: number, height: number): number {
  return Math.max(2, Math.round(LINE * Math.max(width, height)))
}

/** What a finger drew from one place to another, both in per mille; a tap makes a circle and no arrow. */
export function markOf(shape: PhotoMark['shape'], from: readonly [number, number], to: readonly [number, number]): PhotoMark | null {
  const short = Math.hypot(to[0] - from[0], to[1] - from[1]) < TAP
  if (short && shape === 'arrow') return null
  const [x, y] = from
  const box = short ? [x - TAPPED_RADIUS, y - TAPPED_RADIUS, x + TAPPED_RADIUS, y + TAPPED_RADIUS] : [...from, ...to]
  return { shape, box: box.map((each) => Math.min(SCALE, Math.max(0, near(each)))) }
}

function near(value: number): number {
  return Math.floor(value + 0.5)
}
