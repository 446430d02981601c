// What the extra fields of a site's file are called, with their unit.

import { SITE_FIELDS } from '@/contract/site_fields'

export const ATTRIBUTE: Readonly<Record<string, string>> = Object.fromEntries(
  SITE_FIELDS.map(({ name, label, unit }) => [name, unit ? `${label}（${unit}）` : label]),
)
