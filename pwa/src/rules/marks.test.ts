// The phone draws marks as the station does: tests/vectors/marks.json, the same that pytest runs.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PhotoMark } from '../contract/wire'
import { figureOf, markOf, type Figure } from './marks'

interface Table {
  cases: { why: string; mark: PhotoMark; width: number; height: number; figure: Figure }[]
}
const vector = JSON.parse(readFileSync(new URL('../../../tests/vectors/marks.json', import.meta.url), 'utf8')) as Table

describe('marks', () => {
  it.each(vector.cases)('$why', ({ mark, width, height, figure }) => {
    expect(figureOf(mark, width, height)).toEqual(figure)
  })

  it('a tap makes a circle around it, and no arrow; nothing lies outside the picture', () => {
    expect(markOf('circle', [500, 500], [505, 500])).toEqual({ shape: 'circle', box: [410, 410, 590, 590] })
    expect(markOf('arrow', [500, 500], [505, 500])).toBeNull()
    expect(markOf('circle', [10, 990], [10, 990])).toEqual({ shape: 'circle', box: [0, 900, 100, 1000] })
    expect(markOf('arrow', [100.4, 200.6], [1300, -5])).toEqual({ shape: 'arrow', box: [100, 201, 1000, 0] })
  })
})
