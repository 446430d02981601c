// Draws a notice on canvases, one for each page, and makes the files that are handed to others: pictures and one PDF.
// Loaded only where a paper is looked at. The layout decides where everything stands; this only draws.

import encodeQR from 'qr'
import { pdfOf } from '@/lib/pdf'
import { PAGE, layoutNotice, type Mark, type NoticePaper, type Tone } from './layout'

const FONT = '"HarmonyOS Sans SC","MiSans","PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif'
const INK: Record<Tone, string> = { ink: '#111', soft: '#3b4248', red: '#b3261e' }
const JPEG_QUALITY = 0.9
const CODE_QUIET = 2 // modules of white around the code

function font(size: number, bold: boolean): string {
  return `${bold ? 700 : 400} ${size}px ${FONT}`
}

function blank(): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas')
  canvas.width = PAGE.width
  canvas.height = PAGE.height
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('no canvas')
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, PAGE.width, PAGE.height)
  return pen
}

/** The pages of a notice. `signature`: the bytes of the picture that was signed, or null. */
export async function drawNotice(paper: NoticePaper, signature: ArrayBuffer | null): Promise<HTMLCanvasElement[]> {
  const ruler = blank()
  const pages = layoutNotice(paper, (text, size, bold) => {
    ruler.font = font(size, bold)
    return ruler.measureText(text).width
  })
  const signed = signature && (await createImageBitmap(new Blob([signature])).catch(() => null))
  return pages.map((marks) => {
    const pen = blank()
    for (const mark of marks) drawMark(pen, mark, paper, signed)
    return pen.canvas
  })
}

function drawMark(pen: CanvasRenderingContext2D, mark: Mark, paper: NoticePaper, signed: ImageBitmap | null): void {
  if (mark.kind === 'text') {
    pen.font = font(mark.size, mark.bold)
    pen.fillStyle = INK[mark.tone]
    pen.textAlign = mark.align
    pen.fillText(mark.text, mark.x, mark.y)
  } else if (mark.kind === 'rule') {
    pen.fillStyle = INK[mark.tone]
    pen.fillRect(mark.x, mark.y, mark.width, mark.weight)
  } else if (mark.kind === 'signature') {
    if (signed) drawInside(pen, signed, mark)
  } else if (mark.kind === 'stamp') {
    drawStamp(pen, mark)
  } else if (paper.code) drawCode(pen, paper.code, mark)
}

interface Box { x: number; y: number; width: number; height: number }

function drawInside(pen: CanvasRenderingContext2D, picture: ImageBitmap, box: Box): void {
  const scale = Math.min(box.width / picture.width, box.height / picture.height)
  pen.globalCompositeOperation = 'multiply' // the pad's white must not cover what is printed
  pen.drawImage(picture, box.x, box.y, picture.width * scale, picture.height * scale)
  pen.globalCompositeOperation = 'source-over'
}

function drawCode(pen: CanvasRenderingContext2D, address: string, box: Box): void {
  const rows = encodeQR(address, 'raw', { ecc: 'medium', border: CODE_QUIET })
  const dot = box.width / rows.length
  pen.fillStyle = INK.ink
  for (const [y, row] of rows.entries()) {
    for (const [x, dark] of row.entries()) {
      // whole dots, or white hairs stand between them
      const [left, upper] = [Math.round(box.x + x * dot), Math.round(box.y + y * dot)]
      if (dark) pen.fillRect(left, upper, Math.round(box.x + (x + 1) * dot) - left, Math.round(box.y + (y + 1) * dot) - upper)
    }
  }
}

function drawStamp(pen: CanvasRenderingContext2D, { text, x, y, size }: { text: string; x: number; y: number; size: number }): void {
  pen.save()
  pen.translate(x, y)
  pen.rotate(-Math.PI / 8)
  pen.globalAlpha = 0.32
  pen.font = font(size, true)
  pen.fillStyle = INK.red
  pen.textAlign = 'center'
  pen.fillText(text, 0, size / 3)
  pen.restore()
}

// ---- files -------------------------------------------------------------------------------------

async function bytesOf(page: HTMLCanvasElement, type: string): Promise<ArrayBuffer> {
  const blob = await new Promise<Blob | null>((done) => page.toBlob(done, type, JPEG_QUALITY))
  if (!blob) throw new Error('the page could not be made into a picture')
  return blob.arrayBuffer()
}

/** A picture for each page. */
export async function picturesOf(pages: readonly HTMLCanvasElement[], name: string): Promise<File[]> {
  const several = pages.length > 1
  return Promise.all(pages.map(async (page, index) => new File([await bytesOf(page, 'image/png')], `${name}${several ? `-${index + 1}` : ''}.png`, { type: 'image/png' })))
}

export async function pdfFile(pages: readonly HTMLCanvasElement[], name: string): Promise<File> {
  const jpegs = await Promise.all(pages.map(async (page) => ({ jpeg: new Uint8Array(await bytesOf(page, 'image/jpeg')), width: page.width, height: page.height })))
  return new File([pdfOf(jpegs)], `${name}.pdf`, { type: 'application/pdf' })
}
