// What lists and papers say of a sentence with a gap: tests/vectors/finding.json, the same that pytest runs.

import { expect, test } from 'vitest'
import cases from '../../../tests/vectors/finding.json'
import { saidFinding } from './finding'

test.each(cases)('$why', ({ finding, item, said }) => {
  expect(saidFinding({ finding, item })).toBe(said)
})
