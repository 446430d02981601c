// What to do when room runs out: hand over first, then what goes by itself, last what she may delete. Pure.

import { PHOTOS_A_PROBE, type RoomState, type RoomView } from '@/data/room'
import { bytesWords } from './saying'

export const ROOM_SAID: Record<Exclude<RoomState, 'roomy'>, string> = {
  full: '手机存满了，照片存不进，字还能记。',
  tight: `手机快存满了，大约只能再拍 ${PHOTOS_A_PROBE} 张。`,
  much: '网格安检在这部手机上占了很多地方。',
}

/** Sentences, none while there is room. */
export function roomWords(state: RoomState, { unsent, freeable }: Pick<RoomView, 'unsent' | 'freeable'>): string[] {
  if (state === 'roomy') return []
  const said = ROOM_SAID[state]
  if (unsent.photos) return [said, `先上交：没交的 ${unsent.photos} 张照片占 ${bytesWords(unsent.bytes)}，交上去以后能自动让出来。`]
  if (freeable.photos) return [said, `站里收妥的 ${freeable.photos} 张（${bytesWords(freeable.bytes)}）不够用时会自动让出来。再不够，请删手机里别的视频和应用。`]
  return [said, '请删手机里别的视频和应用，再拍照。']
}
