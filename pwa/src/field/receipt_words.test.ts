import { expect, test } from 'vitest'
import type { ReceiptView } from '@/data'
import { receiptWords } from './receipt_words'

const RECEIPT: ReceiptView = {
  batch: 'b', order: 12, time: '2026-11-21T09:41:00.000Z', facts: 121, inspections: 30, photos: 90, photos_held: 90, photos_lost: 0,
  photos_time: '2026-11-21T09:42:10.000Z', log_size: 1, exceptions: [], text: '', signature: '',
}
const said = (change: Partial<ReceiptView>): string => receiptWords({ ...RECEIPT, ...change }, 'Asia/Shanghai', '2026-11-21')

test('a day that is whole at the station says when its last photo came', () => {
  expect(said({})).toBe('30 份检查、90 张照片，服务器已于今天 17:42 收妥')
})

test('photos on their way are not counted as received', () => {
  expect(said({ photos_held: 40 })).toBe('30 份检查，服务器已于今天 17:41 收妥；90 张照片收妥了 40 张')
  expect(said({ photos_held: 88, photos_lost: 2 })).toContain('90 张照片收妥了 88 张，2 张找不到了')
})

test('without photos and without inspections it is short', () => {
  expect(said({ photos: 0, photos_held: 0, photos_time: null })).toBe('30 份检查，服务器已于今天 17:41 收妥')
  expect(said({ inspections: 0, facts: 1, photos: 0, photos_held: 0, photos_time: null })).toBe('1 条记录，服务器已于今天 17:41 收妥')
})

test('photos the station had from before do not make a receipt younger than it is', () => {
  expect(said({ photos_time: '2026-11-20T09:00:00.000Z' })).toContain('今天 17:41')
})
