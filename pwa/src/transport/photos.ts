// All waiting photos, oldest first, two in flight on a good line; one that cannot go never stops the others.
// It must not know parts or offsets.

import { photosToSend, type PhotoRecord } from '../data/handover'
import { sendPhoto, type Trip } from './photo'
import type { Failure } from './results'

export const IN_FLIGHT_MAX = 2

export interface Known {
  partial: ReadonlyMap<string, number>
  held: ReadonlySet<string>
  /** photos whose batch was receipted in this run: unless named above, nothing of them has arrived yet */
  fresh: boolean
}

/** The first failure of the line, or null when every waiting photo was dealt with. */
export async function sendPhotos(trip: Trip, known: Known): Promise<Failure | null> {
  const waiting = await photosToSend()
  let failure: Failure | null = null
  async function lane(): Promise<void> {
    for (let photo = waiting.shift(); photo && failure === null; photo = waiting.shift()) {
      failure = (await sendPhoto(photo, startOf(photo, known), trip)) ?? failure
    }
  }
  await Promise.all(Array.from({ length: trip.pace.lanes(IN_FLIGHT_MAX) }, lane))
  return failure
}

/** Where to begin without asking; null when only the station knows. */
function startOf({ sha256, held_at }: PhotoRecord, { partial, held, fresh }: Known): number | null {
  if (held.has(sha256) || held_at !== null) return null // the station had it once: before a restore
  return partial.get(sha256) ?? (fresh ? 0 : null)
}
