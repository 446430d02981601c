// A cold start: the first list is read before the screens are put together, past the slow wrapper, through the connections that
// field/early.ts asked for (or ones asked for now).
// It must not decide what is shown.

import { openEarly } from '../db/access'
import { identityAhead, pinKnown } from './identity'
import { outboxAhead } from './outbox'
import { todayAhead } from './today'

const WAIT_MS_MAX = 1_500 // a database that another page blocks must not keep the screen away: it says so there

/** Resolves when the first screen can be shown whole: whether a PIN comes before it, null if that is not known yet. `list`: it is 今天. */
export async function readAhead(list: boolean): Promise<boolean | null> {
  openEarly()
  const begun = list ? [identityAhead, todayAhead, outboxAhead] : [identityAhead]
  const late = new Promise<void>((resolve) => { setTimeout(resolve, WAIT_MS_MAX) })
  await Promise.race([Promise.all(begun.map((each) => each.begin())), late])
  return pinKnown()
}

/** The first screen is up: whoever asks from now on reads for himself. */
export function readAheadOver(): void {
  for (const each of [identityAhead, todayAhead, outboxAhead]) each.end()
}
