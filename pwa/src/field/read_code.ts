// Reading a square code from a picture or from the running camera: by the browser where it can, else by a decoder that is loaded only
// then. Most phones in China, WeChat, Safari and Firefox cannot by themselves. It must not know what the code says.

import type { DecodeOpts } from 'qr/decode.js'

interface Detector {
  detect: (source: HTMLCanvasElement) => Promise<{ rawValue: string }[]>
}
type DetectorMaker = new (options: { formats: string[] }) => Detector

/** longest side in pixels: enough for the finest code of the desk, and little memory; a larger try only when that finds nothing */
const PICTURE_SIDES = [1600, 3200]
const FRAME_SIDE = 1280
/** a picture is looked at once: it may take its time; of frames the next one comes at once */
const PICTURE_EFFORT: DecodeOpts = { effort: 8, timeLimit: 1500 }
const FRAME_EFFORT: DecodeOpts = { timeLimit: 60 }

let own: Detector | null | undefined

/** There on Android without Google's services too, where every call of it fails: then never asked again. */
function detector(): Detector | null {
  if (own !== undefined) return own
  const Maker = (globalThis as { BarcodeDetector?: DetectorMaker }).BarcodeDetector
  try {
    own = Maker ? new Maker({ formats: ['qr_code'] }) : null
  } catch {
    own = null
  }
  return own
}

/** The text of the code in a chosen picture; null when there is none or the picture cannot be opened. */
export async function codeInPicture(picture: Blob): Promise<string | null> {
  const image = await opened(picture)
  if (!image) return null
  let found: string | null = null
  for (const [index, side] of PICTURE_SIDES.entries()) {
    if (found !== null || (index > 0 && Math.max(image.width, image.height) <= (PICTURE_SIDES[index - 1] ?? 0))) break
    found = await codeOn(drawn(image, { width: image.width, height: image.height, side }), PICTURE_EFFORT)
  }
  image.close()
  return found
}

/** The text of the code the camera shows now. */
export async function codeInFrame(video: HTMLVideoElement): Promise<string | null> {
  const { videoWidth: width, videoHeight: height } = video
  return width > 0 ? codeOn(drawn(video, { width, height, side: FRAME_SIDE }), FRAME_EFFORT) : null
}

async function opened(picture: Blob): Promise<ImageBitmap | null> {
  return createImageBitmap(picture).catch(() => null)
}

function drawn(image: CanvasImageSource, { width, height, side }: { width: number; height: number; side: number }): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  const scale = Math.min(1, side / Math.max(width, height))
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  canvas.getContext('2d', { willReadFrequently: true })?.drawImage(image, 0, 0, canvas.width, canvas.height)
  return canvas
}

async function codeOn(canvas: HTMLCanvasElement, effort: DecodeOpts): Promise<string | null> {
  return (await detected(canvas)) ?? decoded(canvas, effort)
}

async function detected(canvas: HTMLCanvasElement): Promise<string | null> {
  try {
    return (await detector()?.detect(canvas))?.[0]?.rawValue ?? null
  } catch {
    own = null
    return null
  }
}

async function decoded(canvas: HTMLCanvasElement, effort: DecodeOpts): Promise<string | null> {
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height)
  if (!pixels) return null
  const { decodeQR } = await import('qr/decode.js')
  try {
    return decodeQR(pixels, effort)
  } catch {
    return null // it says by an error that it found none
  }
}
