import { expect, test } from 'vitest'
import { roomWords } from './room_words'

const NOTHING = { photos: 0, bytes: 0 }
const MB = 1024 * 1024

test('nobody is bothered while there is room', () => {
  expect(roomWords('roomy', { unsent: { photos: 3, bytes: MB }, freeable: NOTHING })).toEqual([])
})

test('hand over first; then what makes room by itself; last what she may delete', () => {
  const unsent = { photos: 12, bytes: 2.4 * MB }
  const freeable = { photos: 30, bytes: 6 * MB }
  expect(roomWords('tight', { unsent, freeable })).toEqual(['手机快存满了，大约只能再拍 25 张。', '先上交：没交的 12 张照片占 2.4 MB，交上去以后能自动让出来。'])
  expect(roomWords('full', { unsent: NOTHING, freeable })[1]).toBe('站里收妥的 30 张（6.0 MB）不够用时会自动让出来。再不够，请删手机里别的视频和应用。')
  expect(roomWords('full', { unsent: NOTHING, freeable: NOTHING })).toEqual(['手机存满了，照片存不进，字还能记。', '请删手机里别的视频和应用，再拍照。'])
})
