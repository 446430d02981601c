// The English of the field app is complete and says nothing it should not: what a person who reads it would stumble over stops here,
// before it stops the build. `node english/report.ts` lists the same.

import { describe, expect, test } from 'vitest'
import { report } from './report.ts'
import { allMessages, contractWords, ownWords } from './sources.ts'

describe('the dictionary', () => {
  const { missing, unused, wrong } = report(allMessages(), ownWords(), contractWords())

  test('every text of the field app has its English', () => {
    expect(missing).toEqual([])
  })

  test('nothing in it is left over from a text that is gone, or said by the server already', () => {
    expect(unused).toEqual([])
  })

  test('no Chinese in the English, the same things filled in, plural forms whole, sorted', () => {
    expect(wrong).toEqual([])
  })

  test('the texts are really found: as many as the field app has screens full of', () => {
    expect(new Set(allMessages().map(({ message }) => message.key)).size).toBeGreaterThan(900)
  })
})
