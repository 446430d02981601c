// A field day handed over by the phone's own sender with its own clock and its own waits, and when it was done.
// In Node (shaped_line.day.ts) and, bundled, in a browser's page (shaped_line.bundle.ts).

import { remaining } from '../src/data/handover'
import { withUser } from '../src/db/access'
import { Sender } from '../src/transport/sender'
import { makeDay, ownSender, type Day } from './field_day'
import { noise } from './noise'

const LOOK_MS = 100
const RANDOM_BYTES_MAX = 65_536
const GRAINS = 200

export interface HandedOver {
  /** milliseconds since 1970: when the sender was woken, when nothing waited any more */
  from: number
  to: number
  photos: number
  photo_bytes: number
  preview_bytes: number
}

export async function prepare(code: string, day: Omit<Day, 'picture'> & { photo_bytes: number; pictures: boolean }): Promise<void> {
  const { visits, photos, photo_bytes, pictures } = day
  await makeDay(code, { visits, photos, picture: () => (pictures ? grainy() : Promise.resolve(noise(photo_bytes))) }, ownSender())
}

/** Woken once; from then on it wakes itself, as on a phone that lies on a table. */
export async function handOver(): Promise<HandedOver> {
  const sender = new Sender({
    now: () => Date.now(),
    random: () => Math.random(),
    setTimer: (work, ms) => setTimeout(work, ms),
    clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
    hidden: () => false,
  })
  const from = Date.now()
  void sender.wake('new')
  for (let left = await remaining(); left.facts + left.photos > 0; left = await remaining()) await new Promise((done) => setTimeout(done, LOOK_MS))
  const to = Date.now()
  sender.stop()
  const photos = await withUser((db) => db.photos.toArray())
  const thumbs = await withUser((db) => db.thumbs.toArray())
  if (photos.some(({ state, receipt }) => state !== 'held' || receipt === null)) throw new Error('a photo has no receipt')
  return {
    from, to, photos: photos.length,
    photo_bytes: photos.reduce((sum, photo) => sum + photo.bytes, 0),
    preview_bytes: thumbs.reduce((sum, thumb) => sum + thumb.preview.byteLength, 0),
  }
}

/** A grainy picture; the camera's own scaling makes a photo of about 180 KB of it. */
async function grainy(): Promise<Blob> {
  const canvas = new OffscreenCanvas(1600, 1200)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no canvas')
  const grain = context.createImageData(GRAINS, (GRAINS * 3) / 4)
  for (let at = 0; at < grain.data.length; at += RANDOM_BYTES_MAX) crypto.getRandomValues(grain.data.subarray(at, at + RANDOM_BYTES_MAX))
  for (let at = 3; at < grain.data.length; at += 4) grain.data[at] = 255
  context.putImageData(grain, 0, 0)
  context.drawImage(canvas, 0, 0, grain.width, grain.height, 0, 0, canvas.width, canvas.height)
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })
}
