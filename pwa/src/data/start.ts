// A cold start: the first list is read before the screens are put together, past the slow wrapper, through the connections that
// field/early.ts asked for (or ones asked for now).
// It must not decide what is shown.

import { enterSpace, openEarly } from '../db/access'
import { spaceHere } from '../db/space'
import { firstKnown, identityAhead } from './identity'
import { outboxAhead } from './outbox'
import { todayAhead } from './today'

export { endWhenSetAside } from '../db/set_aside'

const WAIT_MS_MAX = 1_500 // a database that another page blocks: then the static page says so (field/late_start.ts)

/** Resolves when the first screen can be shown whole: whether a PIN comes before it, null if that is not known yet. `list`: it is 今天. */
export async function readAhead(list: boolean): Promise<boolean | null> {
  let over = false
  const late = new Promise<void>((resolve) => { setTimeout(resolve, WAIT_MS_MAX) })
  await Promise.race([readOf(list, () => over), late])
  over = true
  return firstKnown().locked
}

/** The first one's databases say whose the phone was left with: mostly hers, and then all is read already. */
async function readOf(list: boolean, over: () => boolean): Promise<void> {
  openEarly()
  const first = identityAhead.begin()
  const rest = (list ? [todayAhead, outboxAhead] : []).map((each) => each.begin())
  await first
  const { space } = firstKnown()
  // too late: nobody waits for this round any more; the next one enters her space
  if (space !== spaceHere() && !over()) {
    enterSpace(space)
    return readOf(list, over)
  }
  await Promise.all(rest)
}

/** The first screen is up: whoever asks from now on reads for himself. */
export function readAheadOver(): void {
  for (const each of [identityAhead, todayAhead, outboxAhead]) each.end()
}
