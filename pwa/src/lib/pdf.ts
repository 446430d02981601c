// A PDF of whole-page pictures: one JPEG on each A4 page and nothing else, so that a paper looks the same everywhere.
// Written here because the libraries that can do it weigh as much as the whole field app (docs/dependencies.md).

import { concat, utf8, type Bytes } from './bytes'

export interface PdfPage {
  jpeg: Bytes
  /** of the picture, in dots */
  width: number
  height: number
}

const A4_POINTS = [595.28, 841.89] as const
const FIRST_PAGE = 3 // objects 1 and 2 are the catalogue and the list of pages
const PER_PAGE = 3 // page, picture, the drawing of it

export function pdfOf(pages: readonly PdfPage[]): Bytes {
  const [wide, high] = A4_POINTS
  const ids = pages.map((_, index) => FIRST_PAGE + PER_PAGE * index)
  const objects: Bytes[] = [
    utf8('<</Type/Catalog/Pages 2 0 R>>'),
    utf8(`<</Type/Pages/Count ${pages.length}/Kids[${ids.map((id) => `${id} 0 R`).join(' ')}]>>`),
  ]
  for (const [index, { jpeg, width, height }] of pages.entries()) {
    const id = FIRST_PAGE + PER_PAGE * index
    const drawing = `${wide} 0 0 ${high} 0 0 cm /P Do`
    objects.push(
      utf8(`<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${wide} ${high}]/Resources<</XObject<</P ${id + 1} 0 R>>>>/Contents ${id + 2} 0 R>>`),
      stream(`/Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode`, jpeg),
      stream('', utf8(drawing)),
    )
  }
  return assembled(objects)
}

function stream(entries: string, body: Bytes): Bytes {
  return concat(utf8(`<<${entries}/Length ${body.length}>>\nstream\n`), body, utf8('\nendstream'))
}

/** Header, numbered objects, the table of where each begins, and the way to it. */
function assembled(objects: readonly Bytes[]): Bytes {
  const parts: Bytes[] = [utf8('%PDF-1.4\n')]
  const places: number[] = []
  let length = 9
  for (const [index, body] of objects.entries()) {
    const part = concat(utf8(`${index + 1} 0 obj\n`), body, utf8('\nendobj\n'))
    places.push(length)
    length += part.length
    parts.push(part)
  }
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')
  const count = objects.length + 1
  parts.push(utf8(`xref\n0 ${count}\n0000000000 65535 f \n${table}trailer\n<</Size ${count}/Root 1 0 R>>\nstartxref\n${length}\n%%EOF\n`))
  return concat(...parts)
}
