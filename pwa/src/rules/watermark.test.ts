// The phone's lines are the server's: tests/vectors/watermark.json, the same that pytest runs.

import { describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { photoCode, watermarkLines, type Shot } from './watermark'

interface Table {
  cases: { why: string; shot: Shot; lines: string[] }[]
}
const vector = JSON.parse(readFileSync(new URL('../../../tests/vectors/watermark.json', import.meta.url), 'utf8')) as Table

describe('the watermark', () => {
  it.each(vector.cases)('$why', ({ shot, lines }) => {
    expect(watermarkLines(shot)).toEqual(lines)
  })

  it('ends with the code the desk finds the photo by', () => {
    for (const { shot, lines } of vector.cases) expect(lines.at(-1)).toContain(`照片 ${photoCode(shot.sha256)}`)
  })
})
