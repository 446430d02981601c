// What was written under an earlier enrolment stays before what came after it.

import { expect, test } from 'vitest'
import { asWritten } from './own_order'

const fact = (enrolment: string, n: number, at: string) => ({ enrolment, n, at })

test('numbers that begin again with a new enrolment do not bring older work after newer', () => {
  const old = [fact('first', 7, '2026-11-20T01:00:00.000Z'), fact('first', 8, '2026-11-20T02:00:00.000Z')]
  const later = [fact('second', 1, '2026-11-21T01:00:00.000Z'), fact('second', 2, '2026-11-21T02:00:00.000Z')]
  expect(asWritten([...later, ...old])).toEqual([...old, ...later])
})

test('within one enrolment the numbers decide, whatever the clock did meanwhile', () => {
  const before = fact('only', 1, '2026-11-21T09:00:00.000Z')
  const after = fact('only', 2, '2026-11-21T06:00:00.000Z')
  expect(asWritten([after, before])).toEqual([before, after])
})
