// Reading a square code from a picture, where the browser can by itself. It must not know what the code says.

interface Detector {
  detect: (source: ImageBitmap) => Promise<{ rawValue: string }[]>
}
type DetectorMaker = new (options: { formats: string[] }) => Detector

function maker(): DetectorMaker | null {
  return (globalThis as { BarcodeDetector?: DetectorMaker }).BarcodeDetector ?? null
}

export function canReadCodes(): boolean {
  return maker() !== null
}

/** The texts of the codes in the picture; none when there is none or it cannot be opened. */
export async function codesIn(picture: Blob): Promise<string[]> {
  const Maker = maker()
  if (!Maker) return []
  try {
    const bitmap = await createImageBitmap(picture)
    const found = await new Maker({ formats: ['qr_code'] }).detect(bitmap)
    bitmap.close()
    return found.map((code) => code.rawValue)
  } catch {
    return []
  }
}
