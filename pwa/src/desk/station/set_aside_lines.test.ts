import { expect, test } from 'vitest'
import type { SetAside } from '../data/quarantine'
import { saidBy } from './set_aside_lines'

const line = (body: Record<string, unknown>, photos = 0): SetAside => ({ readable: { at: null, body, photos } }) as SetAside

test('what was set aside is read like any record: names and words, no codes', () => {
  const said = saidBy(line({ finding: '软管老化', level: 'suspected_major', disposition: 'by_deadline', site: '' }, 2))
  expect(said).toEqual([
    { label: '隐患描述', text: '软管老化' }, { label: '等级', text: '疑似重大' }, { label: '怎么处理', text: '限期整改' }, { label: '照片', text: '2 张' },
  ])
})

test('a value that is the very fault is shown as it came', () => {
  expect(saidBy(line({ level: 'terrible', finding: 7 }))).toEqual([{ label: '等级', text: 'terrible' }, { label: '隐患描述', text: '7' }])
})

test('what cannot be read, and fields nobody has a word for, are left to the raw text', () => {
  expect(saidBy({ readable: null } as SetAside)).toEqual([])
  expect(saidBy(line({ zz_new: 'x', answers: [] }))).toEqual([])
})
