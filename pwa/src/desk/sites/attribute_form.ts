// The further fields of a site's file as a form: which are asked, what stands in each, what was changed. Pure.
// A field is text in the form; '' says nothing, and clears what stood there.

import { SITE_FIELDS, type SiteField } from '@/contract/site_fields'
import type { Json, JsonObject } from '@/contract/wire'
import { parseDay } from '@/rules/days'

export type AttributeForm = Record<string, string>
export const YES = 'yes'
export const NO = 'no'
export const TEXT_CHARS_MAX = 80

export function attributeForm(attributes: Readonly<Record<string, Json>> | null | undefined): AttributeForm {
  return Object.fromEntries(SITE_FIELDS.map(({ name }) => [name, textOf(attributes?.[name])]))
}

function textOf(value: Json | undefined): string {
  if (typeof value === 'boolean') return value ? YES : NO
  return value === null || value === undefined ? '' : String(value)
}

/** Those with an answer and those such a kind of place is asked; the others are `rest`. */
export function fieldsFor(placeTypes: readonly string[], form: AttributeForm): { asked: SiteField[]; rest: SiteField[] } {
  const asked = (field: SiteField): boolean => form[field.name] !== '' || Boolean(field.about?.some((word) => placeTypes.some((kind) => kind.includes(word))))
  return { asked: SITE_FIELDS.filter(asked), rest: SITE_FIELDS.filter((field) => !asked(field)) }
}

/** What is wrong with what was typed, or ''. */
export function wrongAttribute(form: AttributeForm): string {
  for (const { name, type, label } of SITE_FIELDS) {
    const said = (form[name] ?? '').trim()
    if (said === '') continue
    if (type === 'number' && !(Number.isFinite(Number(said)) && Number(said) >= 0)) return `“${label}”要写数字。`
    if (type === 'date' && !/^\d{4}-\d{2}(-\d{2})?$/.test(said)) return `“${label}”写成 2027-06 或 2027-06-30。`
    if (type === 'date' && parseDay(said) === null) return `“${label}”：没有这一天。`
  }
  return ''
}

/** Only what was changed, each by itself, so that two people who fill in different ones never meet; null clears one. */
export function changedAttributes(before: Readonly<Record<string, Json>> | null | undefined, form: AttributeForm): JsonObject {
  const shown = attributeForm(before)
  const changed = SITE_FIELDS.filter(({ name }) => name in form && (form[name] ?? '').trim() !== shown[name])
  return Object.fromEntries(changed.map(({ name, type }) => [name, valueOf(type, (form[name] ?? '').trim())]))
}

function valueOf(type: SiteField['type'], said: string): Json {
  if (said === '') return null
  if (type === 'bool') return said === YES
  return type === 'number' ? Number(said) : said
}
