import { expect, test } from 'vitest'
import vectors from '../../../tests/vectors/document_number.json'
import type { Json } from '../contract/wire'
import { documentNumber } from './document_number'

test.each(vectors.cases)('a number is shown as the station would give it: $why', ({ station, code, parts, year, count, expect: wanted }) => {
  expect(documentNumber({ name: station, code }, parts as Json, year, count)).toBe(wanted)
})
