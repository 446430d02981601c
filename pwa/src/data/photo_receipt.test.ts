// Of a photo sent whole the phone puts the signed text together itself: tests/vectors/photo_receipt.json, the same that pytest runs.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { receiptOfHeld } from './handover'

interface Table {
  station: string
  cases: { why: string; sha256: string; bytes: number; held: string; text: string }[]
  broken: { why: string; held: string }[]
}

const TABLE = JSON.parse(readFileSync(new URL('../../../tests/vectors/photo_receipt.json', import.meta.url), 'utf8')) as Table

test.each(TABLE.cases)('the text that was signed, byte for byte: $why', ({ sha256, bytes, held, text }) => {
  expect(receiptOfHeld(held, { sha256, bytes, station: TABLE.station })).toEqual({ receipt: text, signature: 'c2lnbmF0dXJl' })
})

test.each(TABLE.broken)('no receipt at all: $why', ({ held }) => {
  expect(receiptOfHeld(held, { sha256: 'aa', bytes: 1, station: TABLE.station })).toBeNull()
})
