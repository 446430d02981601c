// All waiting photos, oldest first, two in flight where the line bears it; one that cannot go never stops the others.
// It must not know parts or offsets.

import { photosToSend, type PhotoRecord } from '../data/handover'
import { sendPhoto, type Trip } from './photo'
import type { Failure } from './results'

export interface Known {
  partial: ReadonlyMap<string, number>
  held: ReadonlySet<string>
  /** photos whose batch was receipted and of which nothing was sent since: unless named above, nothing of them has arrived yet */
  untouched: Set<string>
}

/** The first failure of the line, or null when every waiting photo was dealt with. */
export async function sendPhotos(trip: Trip, known: Known): Promise<Failure | null> {
  const waiting = await photosToSend()
  const lanes: Promise<void>[] = []
  let failure: Failure | null = null
  let open = 0
  const watched: Trip = {
    ...trip,
    progress: (bytes) => {
      trip.progress(bytes)
      begin()
    },
  }
  const spare = (): boolean => open < trip.pace.lanes && waiting.length > 0 && failure === null
  async function lane(): Promise<void> {
    for (let photo = waiting.shift(); photo && failure === null; photo = open <= trip.pace.lanes ? waiting.shift() : undefined) {
      failure = (await sendPhoto(photo, startOf(photo, known), watched)) ?? failure
      begin()
    }
    open -= 1
  }
  /** As many as the line bears now: it may have become a better one. */
  function begin(): void {
    while (spare()) {
      open += 1
      lanes.push(lane())
    }
  }
  begin()
  for (const each of lanes) await each // those begun meanwhile too
  return failure
}

/** Where to begin without asking; null when only the station knows. */
function startOf({ sha256, held_at }: PhotoRecord, { partial, held, untouched }: Known): number | null {
  const fresh = untouched.delete(sha256)
  if (held.has(sha256) || held_at !== null) return null // the station had it once: before a restore
  return partial.get(sha256) ?? (fresh ? 0 : null)
}
