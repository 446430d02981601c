// What a form says about something that exists already: only fields that now differ from what stood there, an emptied
// one as null, because a field that is left out keeps its value. Pure; it must not know any kind of fact.

import type { Json, JsonObject } from '../contract/wire'

/** `now` holds the fields of the form, or some of them; what `before` does not hold was empty. Maps are told key by key. */
export function changedFields(before: JsonObject, now: JsonObject): JsonObject {
  const said: JsonObject = {}
  for (const [name, value] of Object.entries(now)) {
    const was = before[name] ?? null
    if (isMap(value)) {
      const keys = changedFields(isMap(was) ? was : {}, value)
      if (Object.keys(keys).length > 0) said[name] = keys
    } else if (written(value) !== written(was)) {
      said[name] = isEmpty(value) ? null : value
    }
  }
  return said
}

export function isEmpty(value: Json | undefined): boolean {
  if (typeof value === 'string') return value.trim() === ''
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0)
}

function isMap(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Spaces at the ends are no change. */
function written(value: Json): string {
  if (isEmpty(value)) return ''
  return JSON.stringify(typeof value === 'string' ? value.trim() : value)
}
