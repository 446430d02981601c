// A finished visit for tests, through the app's own steps. It must not send anything.

import { openDraft } from '../src/data/begin'
import { newHazardDraft, useDraft } from '../src/data/drafts'
import { finishDraft } from '../src/data/finish'
import { addPhoto } from '../src/data/photos'
import { CHECKLIST, SITE } from './phone'
import { noise } from './noise'

/** One hazard with these photos; the draft it was. */
export async function visitWith(...photos: (string | Blob)[]): Promise<string> {
  const opened = await openDraft(SITE, CHECKLIST)
  if (!opened.ok) throw new Error(opened.words)
  const hazard = newHazardDraft({ finding: '软管长 2.3 米' })
  await useDraft(opened.value).change((draft) => {
    draft.hazards = [hazard]
    draft.attendance = 'refused'
  })
  for (const photo of photos) await addPhoto({ draft: opened.value, subject: hazard.id, role: 'before' }, new Blob([photo]))
  const finished = await finishDraft(opened.value)
  if (!finished.ok) throw new Error(finished.words)
  return opened.value
}

/** The same, each photo as large as a phone's. */
export function visitWithNoise(photos: number, size: number): Promise<string> {
  return visitWith(...Array.from({ length: photos }, () => noise(size)))
}
