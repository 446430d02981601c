import { expect, test } from 'vitest'
import { returnsOf, type RescueReport } from './rescue'

const KEY = { id: 'k', key: 'k', signature: 's' }
function report(more: Partial<RescueReport>): RescueReport {
  return {
    export: 'a', part: 1, parts: 1, first: null, batch: null, phone: null, facts: { new: 0, known: 0, quarantined: [] },
    photos: { new: 0, known: 0, waiting: 0, damaged: 0, no_room: 0 }, receipts: [], photo_receipts: [], qr_svg: null, photo_qr_svgs: [], rescue_key: KEY, ...more,
  }
}
const words = { receipt: 'words', signature: '1', facts: ['f'] }
const photo = { receipt: 'photo', signature: '2' }

test('the files of one phone give one receipt, with everything in it once', () => {
  const reports = [
    report({ receipts: [words], phone: { enrolment: 'e', label: '', account: '王芳' }, parts: 2, qr_svg: '<svg/>' }),
    report({ part: 2, parts: 2, photo_receipts: [photo], photo_qr_svgs: ['<svg photos/>'] }),
    report({ receipts: [words], phone: { enrolment: 'e', label: '', account: '王芳' }, parts: 2, qr_svg: '<svg/>' }),
  ]
  const [only, ...others] = returnsOf(reports, 'station')
  expect(others).toEqual([])
  expect(only).toMatchObject({ who: '王芳', files: 2, parts: 2, codes: ['<svg/>', '<svg photos/>'], photos_in_codes: true })
  expect(JSON.parse(only?.text ?? '')).toEqual({ gireceipt: 1, station: 'station', receipts: [words], photos: [photo], rescue_key: KEY })
})

test('photos too many for codes are said to be only in the file', () => {
  expect(returnsOf([report({ receipts: [words], photo_receipts: [photo], qr_svg: '<svg/>' })], 'station')[0]).toMatchObject({ codes: ['<svg/>'], photos_in_codes: false })
})

test('what one phone gets back never goes to another', () => {
  const two = returnsOf([report({ receipts: [words] }), report({ export: 'b', photo_receipts: [photo] })], 'station')
  expect(two.map((each) => (JSON.parse(each.text) as { receipts: unknown[]; photos: unknown[] }).photos.length)).toEqual([0, 1])
})

test('photos that still wait for their words are no reason for a receipt', () => {
  expect(returnsOf([report({ photos: { new: 0, known: 0, waiting: 3, damaged: 0, no_room: 0 } })], 'station')).toEqual([])
})
