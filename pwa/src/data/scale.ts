// From whatever the camera gave to the photo that is kept: JPEG, 1600 px on the long side unless the station says otherwise, of 150 to 250 KB
// where the picture allows it, with a thumbnail and a small preview. Runs in a worker or on the page. It must not rotate: browsers already
// apply EXIF orientation.

import { PREVIEW_BYTES_MAX } from '../contract/limits'
import { PHOTO_SIDE_PX } from '../rules/photo_side'
import { PHOTO_BYTES_AIM, PHOTO_BYTES_FEW, QUALITIES, QUALITY_USUAL, stillWorth, triesFor, type Try } from './jpeg_size'
import { pixelsOf } from './picture_size'

const THUMB_SIDE_PX = 160
/** previews go before the photos: a hundred of them take a quarter of a minute over 500 kbit/s, where the photos take five minutes */
const PREVIEW_BYTES_AIM = 8 * 1024
const PREVIEW_SIDES_PX = [480, 400, 320, 240]
/** above this a phone's decoder may take the whole page down; the original is kept instead */
export const DECODED_PIXELS_MAX = 80_000_000
/** a sample of SAMPLE_TILES x SAMPLE_TILES squares, spread over the picture; their side is that of whole JPEG blocks */
const SAMPLE_TILES = 5
const SAMPLE_TILE_PX = 64
const JPEG_HEAD_BYTES = 600
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

export type AnyCanvas = OffscreenCanvas | HTMLCanvasElement
type AnyContext = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D

function makeCanvas(width: number, height: number): [AnyCanvas, AnyContext] {
  const canvas = typeof OffscreenCanvas !== 'undefined' ? new OffscreenCanvas(width, height) : Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d') as AnyContext | null
  if (!context) throw new Error('no canvas')
  // a signature is drawn on nothing: without a ground it would become black on black
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  return [canvas, context]
}

async function encode(canvas: AnyCanvas, quality: number): Promise<Blob> {
  if ('convertToBlob' in canvas) return canvas.convertToBlob({ type: JPEG, quality })
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no blob'))), JPEG, quality)
  })
}

function drawn(source: CanvasImageSource, width: number, height: number): AnyCanvas {
  const [canvas, context] = makeCanvas(width, height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(source, 0, 0, width, height)
  return canvas
}

function fitted(width: number, height: number, side: number): [number, number] {
  const factor = Math.min(1, side / Math.max(width, height))
  return [Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))]
}

/** A picture of these measures, drawn no larger than it will be kept; `source` may be closed afterwards. */
export function drawnToKeep(source: CanvasImageSource, width: number, height: number, side: number): AnyCanvas {
  return drawn(source, ...fitted(width, height, side))
}

/** The first of `tries` that stays within the bytes; the last one if none does. Null where the browser silently makes another format. */
async function jpegWithin(source: AnyCanvas, tries: readonly Try[], bytesMax: number): Promise<ArrayBuffer | null> {
  const whole = Math.max(source.width, source.height)
  for (let left = tries; left[0]; ) {
    const smaller = left[0].side < whole ? drawn(source, ...fitted(source.width, source.height, left[0].side)) : null
    const blob = await encode(smaller ?? source, left[0].quality)
    if (smaller) release(smaller)
    if (blob.type !== JPEG || blob.size === 0) return null
    if (blob.size <= bytesMax || left.length === 1) return blob.arrayBuffer()
    left = stillWorth(left, blob.size, bytesMax)
  }
  return null
}

/** What the whole picture would have at the usual quality, told from a twentieth of it; of a small picture nothing is saved by a sample. */
async function bytesAtUsual(canvas: AnyCanvas): Promise<number> {
  const side = SAMPLE_TILES * SAMPLE_TILE_PX
  if (Math.min(canvas.width, canvas.height) < side) return PHOTO_BYTES_FEW
  const [sample, context] = makeCanvas(side, side)
  const share = (canvas.width * canvas.height) / (side * side)
  const at = (tile: number, length: number): number => Math.floor(((tile + 0.5) / SAMPLE_TILES) * length - SAMPLE_TILE_PX / 2)
  for (let tile = 0; tile < SAMPLE_TILES ** 2; tile++) {
    const [column, row] = [tile % SAMPLE_TILES, Math.floor(tile / SAMPLE_TILES)]
    const size = [SAMPLE_TILE_PX, SAMPLE_TILE_PX] as const
    context.drawImage(canvas, at(column, canvas.width), at(row, canvas.height), ...size, column * SAMPLE_TILE_PX, row * SAMPLE_TILE_PX, ...size)
  }
  const { size } = await encode(sample, QUALITY_USUAL)
  release(sample)
  return JPEG_HEAD_BYTES + Math.max(0, size - JPEG_HEAD_BYTES) * share
}

async function photo(canvas: AnyCanvas): Promise<ArrayBuffer | null> {
  return jpegWithin(canvas, triesFor(Math.max(canvas.width, canvas.height), await bytesAtUsual(canvas)), PHOTO_BYTES_AIM)
}

async function preview(canvas: AnyCanvas): Promise<ArrayBuffer> {
  const own = Math.max(canvas.width, canvas.height)
  const worse = QUALITIES.filter((quality) => quality <= QUALITY_USUAL)
  const tries = PREVIEW_SIDES_PX.flatMap((side) => worse.map((quality) => ({ side: Math.min(side, own), quality })))
  const bytes = await jpegWithin(canvas, tries, PREVIEW_BYTES_AIM)
  return bytes && bytes.byteLength <= PREVIEW_BYTES_MAX ? bytes : new ArrayBuffer(0)
}

async function thumb(canvas: AnyCanvas): Promise<ArrayBuffer> {
  const bytes = await jpegWithin(canvas, [{ side: THUMB_SIDE_PX, quality: QUALITY_USUAL }], PREVIEW_BYTES_MAX)
  return bytes ?? new ArrayBuffer(0)
}

function release(canvas: AnyCanvas): void {
  canvas.width = canvas.height = 0 // phones with little memory keep the pixels until then
}

export function asItCame(original: ArrayBuffer): Scaled {
  return { body: original, thumb: new ArrayBuffer(0), preview: new ArrayBuffer(0), width: 0, height: 0, decoded: false }
}

/** The photo that a canvas of drawnToKeep becomes; the canvas is used up. Null where this browser makes no JPEG. */
export async function scaledFrom(canvas: AnyCanvas): Promise<Scaled | null> {
  try {
    const body = await photo(canvas)
    if (!body) return null
    return { body, thumb: await thumb(canvas), preview: await preview(canvas), width: canvas.width, height: canvas.height, decoded: true }
  } finally {
    release(canvas)
  }
}

export async function scale(original: ArrayBuffer, type: string, side = PHOTO_SIDE_PX): Promise<Scaled> {
  if ((pixelsOf(original) ?? 0) > DECODED_PIXELS_MAX) return asItCame(original)
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(new Blob([original], { type }))
  } catch {
    return asItCame(original)
  }
  const canvas = drawnToKeep(bitmap, bitmap.width, bitmap.height, side)
  bitmap.close()
  return (await scaledFrom(canvas)) ?? asItCame(original)
}
