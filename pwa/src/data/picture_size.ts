// How many pixels a JPEG or PNG says it has, read from its first bytes: a huge picture is refused to the decoder, not to the person.
// It must not decode anything.

const PNG_WIDTH_AT = 16
const SOF_MARKERS = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf])

export function pixelsOf(bytes: ArrayBuffer): number | null {
  const view = new DataView(bytes)
  if (bytes.byteLength >= 24 && view.getUint32(0) === 0x89504e47) return view.getUint32(PNG_WIDTH_AT) * view.getUint32(PNG_WIDTH_AT + 4)
  if (bytes.byteLength >= 4 && view.getUint16(0) === 0xffd8) return jpegPixels(view)
  return null
}

function jpegPixels(view: DataView): number | null {
  let at = 2
  while (at + 9 < view.byteLength) {
    if (view.getUint8(at) !== 0xff) return null
    const marker = view.getUint8(at + 1)
    if (SOF_MARKERS.has(marker)) return view.getUint16(at + 5) * view.getUint16(at + 7)
    at += 2 + view.getUint16(at + 2)
  }
  return null
}
