// How the station writes a document's number, from the setting of this name: the twin of document_writer in app/ledger/series.py,
// held to it by tests/vectors/document_number.json. It gives no numbers; the station alone counts.
// stays Chinese: as the station prints it

import type { Json, JsonObject } from '../contract/wire'

export const DOCUMENT_NUMBERS = 'document_numbers'
export const [AREA_CHARS_MAX, AGENCY_CHARS_MAX, WORD_CHARS_MAX, PADDING_DIGITS_MAX] = [10, 6, 4, 6]
const TOWNSHIP = /^.*?(?:镇|乡|街道)/u

/** （area）agency+notice〔year〕count号; a part that is missing or no text is the usual one. */
export function documentNumber(station: { name: string; code: string }, value: Json, year: number, count: number): string {
  const parts: JsonObject = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  const part = (name: string, usual: string, chars_max: number): string => {
    const said = parts[name]
    return [...(typeof said === 'string' && said.trim() !== '' ? said.trim() : usual)].slice(0, chars_max).join('')
  }
  const area = part('area', usualArea(station), AREA_CHARS_MAX)
  const { padding } = parts
  const digits = typeof padding === 'number' && Number.isInteger(padding) && padding > 0 && padding <= PADDING_DIGITS_MAX ? padding : 1
  return `（${area}）${part('agency', '安', AGENCY_CHARS_MAX)}${part('notice', '整', WORD_CHARS_MAX)}〔${String(year)}〕${String(count).padStart(digits, '0')}号`
}

export function usualArea({ name, code }: { name: string; code: string }): string {
  return TOWNSHIP.exec(name)?.[0] ?? code
}
