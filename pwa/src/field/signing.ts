// A signature while it is written: a finger lifts between strokes, and each time the whole picture is kept anew.
// Only the last one stays. It must not know what is signed.

import { addPhoto, removePhoto, type PhotoSlot } from '@/data'

let settling: Promise<unknown> = Promise.resolve()

/** Every stroke is stored and the pictures before the last one are gone; wait for it before the form is finished. */
export async function signatureSettled(): Promise<void> {
  await settling
}

/** Keeps this picture in place of the `earlier` ones; a sentence when it could not be kept. */
export function keepSignature(slot: PhotoSlot, file: File, earlier: Set<string>): Promise<string> {
  const adding = addPhoto(slot, file) // at once: photos are stored in the order they are handed over
  const kept = settling.then(async () => {
    const outcome = await adding
    if (!outcome.ok) return outcome.words
    const { sha256 } = outcome.value
    await dropSignatures(slot, earlier, sha256)
    earlier.add(sha256)
    return ''
  })
  settling = kept
  return kept
}

export async function dropSignatures(slot: PhotoSlot, which: Set<string>, but?: string): Promise<void> {
  for (const sha256 of [...which]) {
    if (sha256 === but) continue
    await removePhoto(slot, sha256)
    which.delete(sha256)
  }
}
