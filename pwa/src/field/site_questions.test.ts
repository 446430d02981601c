// Which questions a new site is worth, over the bundled checklists.

import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { questionsOf } from './site_questions'

const FOLDER = new URL('../../../tests/vectors/checklists/', import.meta.url)
const LISTS = readdirSync(FOLDER).map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as { id: string; items: { applies_if?: string }[] })

test('a restaurant is asked for its gas room, no list asks for more than a thumb overlooks, most for nothing', () => {
  const asked = Object.fromEntries(LISTS.map((list) => [list.id, questionsOf(list.items).map((field) => field.name)]).filter(([, names]) => names!.length))
  expect(asked).toEqual({ 'cl-lpg-restaurant': ['gas_room'], 'cl-industry-trade-general': ['confined_space'] })
})
