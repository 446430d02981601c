// A feedback: begun and finished in one tap. Apart from begin.ts because the first screen needs no finishing.
// It must not know any other kind.

import { emptyStep } from './begin'
import { commitStep } from './finish'
import { Refusal, attempt } from './outcome'
import type { Outcome } from './types'

export async function giveFeedback(text: string): Promise<Outcome<null>> {
  return attempt(async () => {
    if (text.trim() === '') throw new Refusal('text_missing', '请先写几句')
    await commitStep(await emptyStep('activity.recorded', null, { type: 'feedback', text: text.trim() }, null))
    return null
  })
}
