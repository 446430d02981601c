import { expect, test } from 'vitest'
import type { RescueReport } from '../data/rescue'
import { broughtWords, quarantinedWords, stillMissing } from './rescue_words'

const NOTHING: RescueReport = {
  export: 'a', part: 1, parts: 1, first: null, batch: null, phone: null, facts: { new: 0, known: 0, quarantined: [] },
  photos: { new: 0, known: 0, waiting: 0, damaged: 0, no_room: 0 }, receipts: [], photo_receipts: [], qr_svg: null, photo_qr_svgs: [],
  rescue_key: { id: '', key: '', signature: '' },
}

test('what came in, what was here and what waits stand apart', () => {
  const words = broughtWords({ ...NOTHING, facts: { new: 2, known: 1, quarantined: [] }, photos: { new: 3, known: 0, waiting: 4, damaged: 1, no_room: 0 }, first: 2 })
  expect(words).toBe('收进来 2 条记录、3 张照片。1 条记录站里早就有，没有重复收。4 张照片先放着，等写着文字的第 2 个文件。1 张照片和当时拍的对不上，没有收，手机上还留着。')
})

test('what was set aside is named once for each reason', () => {
  const quarantined = [{ kind: 'hazard.found', sentence: '这台设备已经注销。' }, { kind: 'hazard.found', sentence: '这台设备已经注销。' }]
  expect(quarantinedWords({ ...NOTHING, facts: { new: 2, known: 0, quarantined } })).toEqual([expect.stringMatching(/^2 条放进了隔离区（.+）：这台设备已经注销。$/)])
})

test('a file that was forgotten is asked for', () => {
  const phone = { enrolment: 'e', label: '', account: '王芳' }
  expect(stillMissing([{ ...NOTHING, parts: 3, phone }, { ...NOTHING, part: 3, parts: 3 }])).toEqual(['王芳的手机一共 3 个文件，还差第 2 个。'])
  expect(stillMissing([NOTHING])).toEqual([])
})
