// A site's file asks for what its checklists need, in the station's words, and for nothing else.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Checklist } from '@/rules/types'
import { fieldsAsked } from './asked_fields'

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), 'utf-8')

test('a restaurant is asked about its gas room and stoves in the words of the station, not about cranes', () => {
  const asked = fieldsAsked([JSON.parse(read('tests/vectors/checklists/cl-lpg-restaurant.json')) as Checklist])
  expect(asked).toContainEqual({ name: 'gas_room', type: 'bool', label: '有专用气瓶间', unit: '' })
  expect(asked).toContainEqual({ name: 'stoves', type: 'number', label: '一瓶(组)供气的灶具数', unit: '台' })
  expect(asked.map((each) => each.name)).not.toContain('lifting_equipment')
})

test('until when its licences hold is asked of the places they are about, also where no checklist names them', () => {
  const names = (...kinds: string[]): string[] => fieldsAsked([], kinds).map((each) => each.name)
  expect(names('餐饮(瓶装液化气)')).toEqual(['cylinders', 'gas_supplier', 'gas_contract_until', 'food_licence_until'])
  expect(names('烟花爆竹零售点')).toEqual(['fireworks_licence_until'])
  expect(names('滑坡点')).toEqual([])
})
