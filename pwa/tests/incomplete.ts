// Rows of subjects whose first fact has not arrived, one of each kind, as the station sends them: nearly every field is null.

import { readFileSync } from 'node:fs'
import { wireRow } from './phone'

const { rows } = JSON.parse(readFileSync('../tests/vectors/rows_incomplete.json', 'utf-8')) as { rows: { [type: string]: object } }

export const incompleteId = (type: string): string => `018f0000-0000-7000-8000-0000000e${String(Object.keys(rows).indexOf(type)).padStart(4, '0')}`
export const INCOMPLETE = Object.entries(rows).map(([type, row]) => wireRow(type, incompleteId(type), row))
