// A picture with its watermark: the photo whole with what was drawn on it, and under it a band with the lines, so that nothing of the evidence is covered.
// The result is a copy to be shown and shared; the photo that is kept stays as it is (I13). It must not know where lines come from.

import type { PhotoMark } from '../contract/wire'
import { MARK_COLOUR, MARK_HALO, figureOf, linePixels, type Figure } from '../rules/marks'

export interface StampJob {
  body: ArrayBuffer
  lines: string[]
  marks: PhotoMark[]
}

const JPEG = 'image/jpeg'
const QUALITY = 0.85
/** of the shorter side; five lines then take about a fifth of the picture */
const LETTER = 0.034
const LETTER_PX_MIN = 13
const LINE_HEIGHT = 1.45
const BAND = '#10171d'
const INK = '#ffffff'
const FONT = '"Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif'

type Drawing = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D

export async function stamped({ body, lines, marks }: StampJob): Promise<Blob> {
  const picture = await createImageBitmap(new Blob([body], { type: JPEG }))
  const { width, height } = picture
  const letter = Math.max(LETTER_PX_MIN, Math.round(Math.min(width, height) * LETTER))
  const rows = wrapped(drawingOn(newCanvas(1, 1)), lines, letter, width - 2 * letter)
  const band = Math.round((rows.length * LINE_HEIGHT + 1) * letter)
  const canvas = newCanvas(width, height + band)
  const drawing = drawingOn(canvas)
  drawing.fillStyle = BAND
  drawing.fillRect(0, 0, width, height + band)
  drawing.drawImage(picture, 0, 0)
  picture.close()
  drawMarks(drawing, marks, width, height)
  drawing.fillStyle = INK
  drawing.textBaseline = 'middle'
  drawing.font = `${String(letter)}px ${FONT}`
  rows.forEach((row, at) => { drawing.fillText(row, letter, height + letter / 2 + (at + 0.5) * LINE_HEIGHT * letter) })
  const made = await jpegOf(canvas)
  canvas.width = canvas.height = 0 // phones with little memory keep the pixels until then
  return made
}

/** Red with white around it, so that it shows on any ground. */
function drawMarks(drawing: Drawing, marks: readonly PhotoMark[], width: number, height: number): void {
  const line = linePixels(width, height)
  for (const [colour, pen] of [[MARK_HALO, line * 2], [MARK_COLOUR, line]] as const) {
    drawing.strokeStyle = colour
    for (const mark of marks) stroke(drawing, figureOf(mark, width, height), pen)
  }
}

function stroke(drawing: Drawing, { circle, shaft, head }: Figure, pen: number): void {
  drawing.lineWidth = pen
  drawing.beginPath()
  if (circle) {
    const [left = 0, top = 0, right = 0, bottom = 0] = circle
    drawing.ellipse((left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2, 0, 0, 2 * Math.PI)
  }
  if (shaft) {
    drawing.moveTo(shaft[0] ?? 0, shaft[1] ?? 0)
    drawing.lineTo(shaft[2] ?? 0, shaft[3] ?? 0)
  }
  drawing.stroke()
  if (!head) return
  drawing.beginPath()
  for (const [x = 0, y = 0] of head) drawing.lineTo(x, y)
  drawing.closePath()
  drawing.fillStyle = MARK_COLOUR
  drawing.fill()
  drawing.lineJoin = 'round'
  drawing.lineWidth = pen / 2
  drawing.stroke()
}

/** No line is cut: what is wider than the picture goes on in the next row. */
function wrapped(drawing: Drawing, lines: readonly string[], letter: number, width: number): string[] {
  drawing.font = `${String(letter)}px ${FONT}`
  return lines.flatMap((line) => {
    const rows = ['']
    for (const sign of line) {
      const row = rows[rows.length - 1] + sign
      if (row.length > 1 && drawing.measureText(row).width > width) rows.push(sign)
      else rows[rows.length - 1] = row
    }
    return rows
  })
}

function newCanvas(width: number, height: number): OffscreenCanvas | HTMLCanvasElement {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height)
  return Object.assign(document.createElement('canvas'), { width, height })
}

function drawingOn(canvas: OffscreenCanvas | HTMLCanvasElement): Drawing {
  const drawing = canvas.getContext('2d') as Drawing | null
  if (!drawing) throw new Error('no canvas')
  return drawing
}

function jpegOf(canvas: OffscreenCanvas | HTMLCanvasElement): Promise<Blob> {
  if ('convertToBlob' in canvas) return canvas.convertToBlob({ type: JPEG, quality: QUALITY })
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => { if (blob) resolve(blob); else reject(new Error('no blob')) }, JPEG, QUALITY)
  })
}
