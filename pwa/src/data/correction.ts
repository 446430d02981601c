// A correction, from what a person wrote into the form of something that exists: what the form showed last is what the
// row shows afterwards. A field that was not touched, or stands as it stood, is not said, so that two people who change
// different fields never meet; a field that was emptied is said as null. Pure: the row comes in as it stands now.

import type { Json, JsonObject } from '../contract/wire'
import { changedFields, isEmpty } from '../lib/changed'
import { openBlankIn } from '../rules/finding'
import { Refusal } from './outcome'

/** Their forms show what stands there. All other kinds say something of their own and leave empty fields out. */
const CORRECTIONS = new Set(['hazard.amended', 'hazard.resubmitted', 'inspection.corrected', 'site.amended'])
/** Said anew each time, the form never shows the last one: empty means that there is none. */
const SAID_ANEW = ['reply', 'reason']
const NOT_COMPARED = Object.fromEntries(SAID_ANEW.map((name) => [name, null]))
/** One place on the map: half of it would be another place. */
const PLACE = ['lat', 'lon', 'accuracy_m']
const NEVER_EMPTY: Readonly<Record<string, string>> = {
  finding: '什么问题', level: '级别', disposition: '怎么处理', name: '名称', place_types: '类型', area: '所属网格', attendance: '对方签不签',
}

export function isCorrection(kind: string): boolean {
  return CORRECTIONS.has(kind)
}

/** The fields to say; throws a Refusal when one is empty that must not be, or a ready sentence has a blank left open. */
export function correctedFields(row: JsonObject, fields: JsonObject): JsonObject {
  const shown = Object.fromEntries(Object.entries(fields).filter(([name, value]) => !leftAlone(row[name], name, value)))
  const { answers, ...plain } = shown
  const said = changedFields({ ...row, ...NOT_COMPARED }, plain)
  const changed = Array.isArray(answers) ? changedAnswers(row.answers, answers) : []
  if (changed.length > 0) said.answers = changed
  if (PLACE.some((name) => name in said)) for (const name of PLACE) if (name in shown) said[name] = shown[name] ?? null
  const empty = Object.keys(NEVER_EMPTY).find((name) => said[name] === null)
  if (empty !== undefined) throw new Refusal('field_required', `“${NEVER_EMPTY[empty] ?? ''}”不能空着，写好再存`)
  const open = row.item && typeof said.finding === 'string' ? openBlankIn(said.finding) : null
  if (open) throw new Refusal('finding_open', `【${open}】还没填，请改成看到的样子`)
  return said
}

/** Empty without having been emptied. */
function leftAlone(before: Json | undefined, name: string, value: Json): boolean {
  if (!isEmpty(value)) return false
  // a masked number is never shown in its field, so that only the button beside it takes it away, and says null
  const masked = typeof before === 'string' && before.includes('*')
  // drafts of earlier versions say with null that it stays as it was; no form can empty a choice
  return SAID_ANEW.includes(name) || name === 'attendance' || (masked && value !== null)
}

/** Each answer is replaced as a whole, or not named at all. */
function changedAnswers(before: Json | undefined, answers: readonly Json[]): Json[] {
  const known = new Map((Array.isArray(before) ? before : []).map((answer) => [(answer as JsonObject).item, answer as JsonObject]))
  return answers.filter((answer) => {
    const given = answer as JsonObject
    const was = known.get(given.item)
    return was === undefined || ['value', 'verdict', 'source', 'note'].some((name) => JSON.stringify(was[name] ?? null) !== JSON.stringify(given[name] ?? null))
  })
}
