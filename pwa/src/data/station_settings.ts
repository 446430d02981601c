// The station's settings as one object, for the rules of a checklist (its own limits, the fire alert of the day).
// It must not know what a setting means.

import { rowsOf } from './rows'
import type { JsonObject } from './types'

export async function stationSettings(): Promise<JsonObject> {
  const rows = await rowsOf('setting')
  return Object.fromEntries(rows.map((row) => [row.name, row.value]))
}
