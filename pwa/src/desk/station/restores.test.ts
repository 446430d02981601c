import { expect, test } from 'vitest'
import type { Report } from '../data/restores'
import { decidedWords, missingLines, phoneWords } from './restores'

const report = (part: Partial<Report>): Report => ({
  set_name: 's', made_at: '2026-11-20T18:30:00.000Z', restored_at: '2026-11-21T02:00:00.000Z', size: 10, lost: 5, returned: 1,
  missing: [], batches: [], phones: [], numbers: [], photos: [], named: { people: [], phones: [], decided: [], nameless: [], checklists: [], unfinished: [] }, ...part,
})

test('whoever can bring what is missing is named, and how much it is', () => {
  const lines = missingLines(report({
    missing: [{ epoch: 1, first: 12, last: 14 }, { epoch: 1, first: 20, last: 20 }],
    batches: [{ batch: 'b', phone: '小米', name: '王芳', facts: 5, lacking: ['x', 'y'] }],
    phones: [{ phone: '', name: '', announced: 9, received: 7 }], photos: ['a'],
  }))
  expect(lines).toEqual([
    '王芳的小米交过一批 5 条，还缺 2 条。这部手机来一次就补上。',
    '一部手机记到第 9 号，这里连续收到第 7 号。',
    '还有 4 条没有手机交回来（原来的第 12–14、20 条）。手机来一部，这里就少一些。',
    '备份里缺 1 张照片，已经向手机要。',
  ])
  expect(missingLines(report({}))).toEqual([])
})

test('decisions that only phones kept are told with who took them', () => {
  const said = { at: '2026-11-20T20:00:00.000Z', subject: 's', name: '丁一', by: '管理员' }
  expect(decidedWords({ ...said, kind: 'account.set', active: false })).toContain('管理员：停用了账号 丁一')
  expect(decidedWords({ ...said, kind: 'grant.set', roles: ['inspector', 'chief'] })).toContain('丁一 的角色改成 网格员、站长')
  expect(decidedWords({ ...said, kind: 'enrolment.set', state: 'revoked', label: '华为' })).toContain('停用了 丁一的华为')
  expect(decidedWords({ ...said, kind: 'checklist.published', checklist: 'LPG', version: 4 })).toContain('发布了检查表 LPG 第 4 版')
})

test('a phone that never came is told from one that was here before the loss', () => {
  const phone = { enrolment: 'e', account: 'a', name: '王芳', phone: '小米', came_back: false, after_backup: true }
  expect(phoneWords({ ...phone, seen_at: null })).toBe('王芳的小米，还没来过')
  expect(phoneWords({ ...phone, seen_at: '2026-11-20T02:00:00.000Z' })).toContain('王芳的小米，上次来')
})
