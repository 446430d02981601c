// The capture intent: brings a person back to the same item when the camera killed the page. Apart from photos.ts because
// every start asks for it and most starts take no photo. It must not know what is taken.

import { readUser, withUser } from '../db/access'
import type { CaptureIntentRecord } from '../db/user'
import { instant, now } from '../lib/time'
import { attempt } from './outcome'
import type { CaptureIntent, Outcome, PhotoSlot } from './types'

/** Before any camera or picker opens: if the page dies now, it comes back to the same item. */
export async function captureIntent(slot: PhotoSlot, route: string): Promise<Outcome<null>> {
  return attempt(async () => {
    await withUser((db) => db.captureIntents.put({ key: 'open', ...slot, route, at: instant(now()) }))
    return null
  })
}

export async function openCaptureIntent(): Promise<CaptureIntent | null> {
  const record = await readUser(['captureIntents'], (from) => from.get<CaptureIntentRecord>('captureIntents', 'open')).catch(() => undefined)
  if (!record) return null
  const { draft, subject, role, route, at } = record
  return { draft, subject, role, route, at }
}

export async function clearCaptureIntent(): Promise<void> {
  await withUser((db) => db.captureIntents.clear()).catch(() => undefined)
}
