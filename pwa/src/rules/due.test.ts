import { expect, test } from 'vitest'
import vectors from '../../../tests/vectors/due.json'
import { due, periodFor } from './due'

test.each(vectors.due)('the phone and the desk agree when a site is due: $why', ({ grade, period, last_inspected_on, registered_on, today, expect: wanted }) => {
  expect(due({ grade, period, last_inspected_on, registered_on, today })).toEqual(wanted)
})

test.each(vectors.period_for)('the phone and the desk agree how often: $why', ({ grade, high_risk, frequencies, expect: wanted }) => {
  expect(periodFor(grade, high_risk, frequencies)).toBe(wanted)
})
