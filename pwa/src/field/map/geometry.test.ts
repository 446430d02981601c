// The map without tiles: where a site is drawn, what a finger reaches, what stays under it.

import { expect, test } from 'vitest'
import { bar, fitted, near, onScreen, outline, zoomed } from './geometry'

const places = [{ lat: 30.1, lon: 110.2 }, { lat: 30.12, lon: 110.2 }, { lat: 30.1, lon: 110.23 }]

test('every site lies within the sheet, north is up and east is right', () => {
  const window = fitted(places, 390, 500)
  const [home, north, east] = places.map((place) => onScreen(place, window))
  for (const { x, y } of [home!, north!, east!]) {
    expect(x).toBeGreaterThan(0)
    expect(x).toBeLessThan(390)
    expect(y).toBeGreaterThan(0)
    expect(y).toBeLessThan(500)
  }
  expect(north!.y).toBeLessThan(home!.y)
  expect(east!.x).toBeGreaterThan(home!.x)
})

test('distances on the sheet are those on the ground: a hundredth of a degree north is 1,113 metres', () => {
  const window = fitted(places, 390, 500)
  const [from, to] = [onScreen({ lat: 30.1, lon: 110.2 }, window), onScreen({ lat: 30.11, lon: 110.2 }, window)]
  expect((from.y - to.y) / window.scale).toBeCloseTo(1113.2, 0)
})

test('a single site is shown with its surroundings, and stretching keeps what is under the fingers', () => {
  const window = fitted([places[0]!], 390, 500)
  expect(onScreen(places[0]!, window)).toEqual({ x: 195, y: 250 })
  expect(window.scale * 300).toBeLessThan(390)
  const at = onScreen(places[1]!, window)
  const after = onScreen(places[1]!, zoomed(window, 1.7, at))
  expect(after.x).toBeCloseTo(at.x)
  expect(after.y).toBeCloseTo(at.y)
})

test('the outline goes around all sites and through none inside; two sites have none', () => {
  const square = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }, { x: 0, y: 10 }]
  expect(outline([...square, { x: 5, y: 5 }, { x: 5, y: 0 }]).sort((a, b) => a.x - b.x || a.y - b.y)).toEqual([...square].sort((a, b) => a.x - b.x || a.y - b.y))
  expect(outline(square.slice(0, 2))).toEqual([])
})

test('a finger finds what lies under it, the nearest first', () => {
  const marks = [{ id: 'far', x: 40, y: 0 }, { id: 'b', x: 12, y: 0 }, { id: 'a', x: 3, y: 0 }]
  expect(near(marks, { x: 0, y: 0 }, 24).map(({ id }) => id)).toEqual(['a', 'b'])
})

test('the bar has a round length that fits', () => {
  expect(bar(0.1, 110)).toEqual({ metres: 1000, pixels: 100 })
  expect(bar(0.03, 110).metres).toBe(2000)
})
