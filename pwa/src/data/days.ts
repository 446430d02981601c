// How long something has been kept, in days that no clock can jump over: one counts when an answer of the station comes and both clocks,
// the station's and this phone's, show another day than at the last count. It must not compare instants of this phone.

import type { IdentityRecord } from '../db/user'
import { instant } from '../lib/time'

export type DaysHeard = NonNullable<IdentityRecord['days']>

const DAY_CHARS = 10

/** Days counted so far; what was noted before there was a count is as old as the count. */
export function daysHeard(identity: Pick<IdentityRecord, 'days'> | null | undefined): number {
  return identity?.days?.count ?? 0
}

/** A clock set years on, and back, adds one day at most, whichever of the two it was. */
export function withToday(before: DaysHeard | undefined, stationTime: string, at: Date): DaysHeard {
  const [station, phone] = [stationTime.slice(0, DAY_CHARS), instant(at).slice(0, DAY_CHARS)]
  if (before && (before.station === station || before.phone === phone)) return before
  return { count: (before?.count ?? 0) + 1, station, phone }
}
