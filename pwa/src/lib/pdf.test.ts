import { expect, test } from 'vitest'
import { text, utf8 } from './bytes'
import { pdfOf } from './pdf'

const LATIN = new TextDecoder('latin1')

test('every object stands where the table says, every picture is there byte for byte', () => {
  const pictures = [utf8('first picture'), new Uint8Array([0xff, 0xd8, 0xff, 0, 10, 13, 0xd9])]
  const bytes = pdfOf(pictures.map((jpeg) => ({ jpeg, width: 1240, height: 1754 })))
  const whole = LATIN.decode(bytes)
  expect(whole.startsWith('%PDF-1.4\n')).toBe(true)
  const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(whole)?.[1])
  const entries = [...whole.slice(table).matchAll(/(\d{10}) 00000 n /g)].map((found) => Number(found[1]))
  expect(entries).toHaveLength(2 + 3 * pictures.length)
  for (const [index, place] of entries.entries()) expect(whole.slice(place).startsWith(`${index + 1} 0 obj\n`)).toBe(true)
  for (const picture of pictures) {
    const stream = whole.indexOf(`/Length ${picture.length}>>\nstream\n`)
    const at = whole.indexOf('stream\n', stream) + 'stream\n'.length
    expect(bytes.slice(at, at + picture.length)).toEqual(picture)
  }
  expect(text(bytes.slice(0, table))).toContain('/Count 2')
})
