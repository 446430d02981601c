// The site's file on the phone asks for the same things, in the same words, as the station's.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Checklist } from '@/rules/types'
import { SITE_FIELDS, fieldsAsked } from './site_fields'

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), 'utf-8')

test('the list is the one of the station, label by label', () => {
  const site = read('app/checklists/site_fields.py').split('SETTING_FIELDS')[0] ?? ''
  const theirs = [...site.matchAll(/KnownField\("(\w+)", "(\w+)", "([^"]+)"(?:, "([^"]*)")?\)/g)].map(([, name, type, label, unit]) => ({ name, type, label, unit: unit ?? '' }))
  expect(SITE_FIELDS).toEqual(theirs)
})

test('a restaurant is asked about its gas room and stoves, not about cranes', () => {
  const names = fieldsAsked([JSON.parse(read('tests/vectors/checklists/cl-lpg-restaurant.json')) as Checklist]).map((each) => each.name)
  expect(names).toEqual(expect.arrayContaining(['gas_room', 'stoves']))
  expect(names).not.toContain('lifting_equipment')
})
