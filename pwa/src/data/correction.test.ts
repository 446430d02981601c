// What a person emptied in the form of something that exists is emptied; what nobody touched is not said.

import { expect, test } from 'vitest'
import { correctedFields } from './correction'

const SITE = { name: '老王饭店', place_types: ['餐饮'], note: '后门常锁', address: '南门 3 号', owner_name: '张建国', owner_phone: '138****2210', attributes: { stock_kg: 120, gas_room: false }, lat: 37.1, lon: 118.2, accuracy_m: 9 }

test('an emptied text is said as null, in the open and among persons alike', () => {
  expect(correctedFields(SITE, { note: '', owner_name: ' ', address: '' })).toEqual({ note: null, owner_name: null, address: null })
})

test('a field that stands as it stood is not said, so that it cannot meet what another person changes', () => {
  expect(correctedFields(SITE, { note: '后门常锁 ', address: '北门 8 号', owner_name: '张建国' })).toEqual({ address: '北门 8 号' })
  expect(correctedFields({ ...SITE, note: null }, { note: '' })).toEqual({})
})

test('a masked number is left alone by an empty field, taken away by the button and replaced by a new number', () => {
  expect(correctedFields(SITE, { owner_phone: '' })).toEqual({})
  expect(correctedFields(SITE, { owner_phone: null })).toEqual({ owner_phone: null })
  expect(correctedFields(SITE, { owner_phone: '13900001111' })).toEqual({ owner_phone: '13900001111' })
  expect(correctedFields({ ...SITE, owner_phone: '13812342210' }, { owner_phone: '' })).toEqual({ owner_phone: null }) // this phone's own, not handed over yet
})

test('of what the checklists ask only the touched keys are said, an emptied one as null', () => {
  expect(correctedFields(SITE, { attributes: { stock_kg: 120, gas_room: true, floors: null } })).toEqual({ attributes: { gas_room: true } })
  expect(correctedFields(SITE, { attributes: { stock_kg: null } })).toEqual({ attributes: { stock_kg: null } })
})

test('a place on the map is said whole', () => {
  expect(correctedFields(SITE, { lat: 37.1, lon: 118.3, accuracy_m: 9 })).toEqual({ lat: 37.1, lon: 118.3, accuracy_m: 9 })
  expect(correctedFields(SITE, { lat: 37.1, lon: 118.2, accuracy_m: 9 })).toEqual({})
})

test('answers are said only where they differ', () => {
  const row = { answers: [{ item: 'LPG-01', value: true, verdict: 'pass', source: 'tapped' }, { item: 'LPG-02', value: 2, verdict: 'pass', source: 'measured' }] }
  const emptied = { item: 'LPG-02', value: null, verdict: 'unanswered', source: 'measured' }
  expect(correctedFields(row, { answers: [{ source: 'tapped', item: 'LPG-01', value: true, verdict: 'pass' }, emptied] })).toEqual({ answers: [emptied] })
})

test('the words to the chief are this answer’s own', () => {
  expect(correctedFields({ reply: '改好了' }, { reply: '改好了' })).toEqual({ reply: '改好了' })
  expect(correctedFields({ reply: '改好了' }, { reply: '' })).toEqual({})
})

test.each([['name', '名称'], ['finding', '什么问题']])('%s may not be emptied, and is named', (field, word) => {
  expect(() => correctedFields({ [field]: '有字' }, { [field]: '  ' })).toThrow(expect.objectContaining({ code: 'field_required', words: expect.stringContaining(`“${word}”不能空着`) as string }) as Error)
})

test('a ready sentence written over is not handed over with its blank still open; one beside the checklist may hold any brackets', () => {
  const hazard = { item: 'LPG-14', finding: '软管老化' }
  expect(() => correctedFields(hazard, { finding: '软管【情形】' })).toThrow(expect.objectContaining({ code: 'finding_open', words: expect.stringContaining('【情形】还没填') as string }) as Error)
  expect(correctedFields(hazard, { finding: '软管龟裂', spot: '厨房' })).toEqual({ finding: '软管龟裂', spot: '厨房' })
  expect(correctedFields({ item: null, finding: '灯坏了' }, { finding: '【夜里】灯坏了' })).toEqual({ finding: '【夜里】灯坏了' })
})
