// From whatever the camera gave to the photo that is kept: JPEG, 1600 px on the long side unless the station says otherwise, aimed at 150 to 250 KB, with a
// thumbnail and a small preview. Runs in a worker or on the page. It must not rotate: browsers already apply EXIF orientation.

import { PREVIEW_BYTES_MAX } from '../contract/limits'
import { pixelsOf } from './picture_size'

/** the longer side, unless the station has set another (photo_side_px) */
export const PHOTO_SIDE_PX = 1600
export const PHOTO_BYTES_AIM = 250 * 1024
const THUMB_SIDE_PX = 160
const PREVIEW_SIDES_PX = [480, 400, 320, 240]
/** above this a phone's decoder may take the whole page down; the original is kept instead */
export const DECODED_PIXELS_MAX = 80_000_000
const QUALITIES = [0.72, 0.62, 0.52, 0.42]
const JPEG = 'image/jpeg'

export interface Scaled {
  body: ArrayBuffer
  thumb: ArrayBuffer
  preview: ArrayBuffer
  width: number
  height: number
  /** false: kept as it came, because it could not be read as a picture here */
  decoded: boolean
}

type AnyCanvas = OffscreenCanvas | HTMLCanvasElement

function makeCanvas(width: number, height: number): AnyCanvas {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height)
  return Object.assign(document.createElement('canvas'), { width, height })
}

async function encode(canvas: AnyCanvas, quality: number): Promise<Blob> {
  if ('convertToBlob' in canvas) return canvas.convertToBlob({ type: JPEG, quality })
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no blob'))), JPEG, quality)
  })
}

function drawn(source: CanvasImageSource, width: number, height: number): AnyCanvas {
  const canvas = makeCanvas(width, height)
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | null
  if (!context) throw new Error('no canvas')
  // a signature is drawn on nothing: without a ground it would become black on black
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(source, 0, 0, width, height)
  return canvas
}

function fitted(width: number, height: number, side: number): [number, number] {
  const factor = Math.min(1, side / Math.max(width, height))
  return [Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))]
}

/** The best quality that stays under the aim; the last one if none does. Null where the browser silently makes another format. */
async function jpegUnder(canvas: AnyCanvas, bytesAim: number): Promise<ArrayBuffer | null> {
  let smallest: Blob | null = null
  for (const quality of QUALITIES) {
    const blob = await encode(canvas, quality)
    if (blob.type !== JPEG || blob.size === 0) return null
    smallest = blob
    if (blob.size <= bytesAim) break
  }
  return smallest ? smallest.arrayBuffer() : null
}

async function preview(source: AnyCanvas): Promise<ArrayBuffer> {
  for (const side of PREVIEW_SIDES_PX) {
    const small = drawn(source, ...fitted(source.width, source.height, side))
    const bytes = await jpegUnder(small, PREVIEW_BYTES_MAX)
    release(small)
    if (bytes && bytes.byteLength <= PREVIEW_BYTES_MAX) return bytes
  }
  return new ArrayBuffer(0)
}

function release(canvas: AnyCanvas): void {
  canvas.width = canvas.height = 0 // phones with little memory keep the pixels until then
}

export function asItCame(original: ArrayBuffer): Scaled {
  return { body: original, thumb: new ArrayBuffer(0), preview: new ArrayBuffer(0), width: 0, height: 0, decoded: false }
}

export async function scale(original: ArrayBuffer, type: string, side = PHOTO_SIDE_PX): Promise<Scaled> {
  if ((pixelsOf(original) ?? 0) > DECODED_PIXELS_MAX) return asItCame(original)
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(new Blob([original], { type }))
  } catch {
    return asItCame(original)
  }
  const canvas = drawn(bitmap, ...fitted(bitmap.width, bitmap.height, side))
  bitmap.close()
  const body = await jpegUnder(canvas, PHOTO_BYTES_AIM)
  if (!body) return asItCame(original)
  const small = drawn(canvas, ...fitted(canvas.width, canvas.height, THUMB_SIDE_PX))
  const thumb = await jpegUnder(small, PREVIEW_BYTES_MAX)
  const scaled: Scaled = { body, thumb: thumb ?? new ArrayBuffer(0), preview: await preview(canvas), width: canvas.width, height: canvas.height, decoded: true }
  release(small)
  release(canvas)
  return scaled
}
