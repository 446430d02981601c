// The worker around scale.ts: photos in, each answered in turn, so that the page stays quick while they are made.
// A frame of the running camera is drawn the moment it comes and closed: the camera has about three, and stands still while all
// are held. A copy of what was drawn goes back at once; should this worker fail afterwards, the page still has the picture.
// It must not keep anything between photos.

import { sha256Hex } from '../lib/bytes'
import type { Asked, Said } from './photo_maker'
import { drawnToKeep, scale, scaledFrom, type AnyCanvas, type Scaled } from './scale'

let before: Promise<unknown> = Promise.resolve()

self.onmessage = (event: MessageEvent<Asked>) => {
  const asked = event.data
  try {
    const canvas = asked.frame ? drawnAtOnce(asked.frame, asked.side) : null
    const copied = canvas && copyBack(asked.id, canvas)
    before = before.then(async () => {
      await copied?.catch(() => undefined) // the page then keeps the frame itself until the photo is made
      await answer(asked, canvas)
    })
  } catch (error) {
    say({ id: asked.id, failed: String(error) })
  }
}

function drawnAtOnce(frame: VideoFrame, side: number): AnyCanvas {
  try {
    return drawnToKeep(frame, frame.displayWidth, frame.displayHeight, side)
  } finally {
    frame.close()
  }
}

async function copyBack(id: number, canvas: AnyCanvas): Promise<void> {
  const copy = await createImageBitmap(canvas)
  say({ id, copy }, [copy])
}

async function answer(asked: Asked, canvas: AnyCanvas | null): Promise<void> {
  try {
    const scaled = await made(asked, canvas)
    const sha256 = await sha256Hex(scaled.body)
    // duplicates in a transfer list are an error: what came unscaled shares no buffer with the others
    say({ id: asked.id, made: { ...scaled, sha256 } }, [scaled.body, scaled.thumb, scaled.preview])
  } catch (error) {
    say({ id: asked.id, failed: String(error) })
  }
}

async function made({ original, type, side }: Asked, canvas: AnyCanvas | null): Promise<Scaled> {
  const scaled = canvas ? await scaledFrom(canvas) : original ? await scale(original, type, side) : null
  if (!scaled) throw new Error('no JPEG here')
  return scaled
}

function say(said: Said, transfer: Transferable[] = []): void {
  self.postMessage(said, { transfer })
}
