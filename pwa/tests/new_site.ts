// A new site for tests, through the app's own steps. It must not send anything.

import { openStep } from '../src/data/begin'
import { readDraft } from '../src/data/drafts'
import { finishDraft } from '../src/data/finish'
import type { JsonObject } from '../src/contract/wire'

/** The site's id. */
export async function createSite(fields: JsonObject): Promise<string> {
  const opened = await openStep('site.registered', null, fields)
  if (!opened.ok) throw new Error(opened.words)
  const draft = await readDraft(opened.value)
  const finished = await finishDraft(opened.value)
  if (!finished.ok) throw new Error(finished.words)
  return draft?.type === 'step' ? draft.subject : ''
}
