// What one tab changed and what the other changed are both there afterwards.

import { expect, test } from 'vitest'
import { merge } from './merge'

const base = { remark: '', answers: { a: { value: 1 } }, hazards: [{ id: 'h1', spot: '' }], companions: ['x'], revision: 4 }

test('different fields of one form are both kept', () => {
  const mine = { ...base, remark: '门口堵了' }
  const theirs = { ...base, answers: { ...base.answers, b: { value: 2 } } }
  expect(merge(base, mine, theirs)).toEqual({ ...base, remark: '门口堵了', answers: { a: { value: 1 }, b: { value: 2 } } })
})

test('hazards written down in both tabs are all there, and one changed in both keeps both changes', () => {
  const mine = { ...base, hazards: [{ id: 'h1', spot: '后厨' }, { id: 'h2', spot: '门口' }] }
  const theirs = { ...base, hazards: [{ id: 'h1', spot: '', measure: '搬走' }, { id: 'h3', spot: '院里' }] }
  expect(merge(base, mine, theirs).hazards).toEqual([
    { id: 'h1', spot: '后厨', measure: '搬走' },
    { id: 'h2', spot: '门口' },
    { id: 'h3', spot: '院里' },
  ])
})

test('what one tab took out stays out unless the other changed it', () => {
  expect(merge(base, { ...base, hazards: [] }, { ...base, remark: '看过' }).hazards).toEqual([])
  const changed = { ...base, hazards: [{ id: 'h1', spot: '后厨' }] }
  expect(merge(base, { ...base, hazards: [] }, changed).hazards).toEqual(changed.hazards)
})

test('of one value written in both, the one written last at hand stands', () => {
  expect(merge(base, { ...base, remark: '这边' }, { ...base, remark: '那边' }).remark).toBe('这边')
  expect(merge(base, { ...base, companions: ['x', 'y'] }, { ...base, companions: [] }).companions).toEqual(['x', 'y'])
})
