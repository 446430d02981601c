// A new site and a feedback: begun and finished in one tap. Apart from begin.ts because the first screen needs no finishing.
// It must not know any other kind.

import type { Json, JsonObject } from '../contract/wire'
import { emptyStep } from './begin'
import { commitStep } from './finish'
import { Refusal, attempt } from './outcome'
import type { NewSite, Outcome } from './types'

export async function createSite(fields: NewSite): Promise<Outcome<string>> {
  return attempt(async () => {
    if (fields.name.trim() === '') throw new Refusal('name_missing', '请写上场所名称')
    if (fields.place_types.length === 0) throw new Refusal('place_type_missing', '请选一个场所类别')
    if (fields.area === '') throw new Refusal('area_missing', '请选所在网格')
    const [record] = await commitStep(await emptyStep('site.registered', null, definedOnly({ ...fields }), null))
    return record?.subject ?? ''
  })
}

export async function giveFeedback(text: string): Promise<Outcome<null>> {
  return attempt(async () => {
    if (text.trim() === '') throw new Refusal('text_missing', '请先写几句')
    await commitStep(await emptyStep('activity.recorded', null, { type: 'feedback', text: text.trim() }, null))
    return null
  })
}

function definedOnly(fields: { [name: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject
}
