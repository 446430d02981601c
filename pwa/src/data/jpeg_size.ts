// How large a JPEG becomes at which quality, told from a small sample or from a try that was too large: so that a photo is
// encoded once and not until it fits. Pure; it must not draw or encode.

/** from the best to the least that evidence can be read at */
export const QUALITIES = [0.85, 0.8, 0.72, 0.62, 0.52, 0.42] as const
export const QUALITY_USUAL = 0.72
/** a photo of fewer bytes at the usual quality is given a better one; of more than AIM, a worse one */
export const PHOTO_BYTES_FEW = 150 * 1024
export const PHOTO_BYTES_AIM = 250 * 1024
/** a guess from a sample is off by some per cent: a little below the aim is aimed at, or every tenth photo is encoded twice */
const GUESS_SHARE = 0.94
/** what a quality makes of the bytes at the usual one: of eight pictures the one that shrinks or grows least to our liking */
const SHARE = new Map<number, number>([[0.85, 1.4], [0.8, 1.2], [0.72, 1], [0.62, 0.89], [0.52, 0.81], [0.42, 0.73]])

/** One way to make a picture: pixels of its longer side, and the quality. */
export interface Try {
  side: number
  quality: number
}

function guess(known: Try, bytes: number, wanted: Try): number {
  const share = (SHARE.get(wanted.quality) ?? 1) / (SHARE.get(known.quality) ?? 1)
  return bytes * share * (wanted.side / known.side) ** 2
}

/** The tries left after the first of them was too large: those that will be, too, are passed over; the last one always stays. */
export function stillWorth(tries: readonly Try[], bytes: number, bytesMax: number): Try[] {
  const [known, ...left] = tries
  const fits = known ? left.findIndex((each) => guess(known, bytes, each) <= bytesMax * GUESS_SHARE) : -1
  return fits < 0 ? left.slice(-1) : left.slice(fits)
}

/** How to make a photo that would have so many bytes at the usual quality, and what to do should that guess fail. */
export function triesFor(side: number, bytesAtUsual: number): Try[] {
  const tries = QUALITIES.map((quality) => ({ side, quality }))
  const usual = tries.findIndex(({ quality }) => quality === QUALITY_USUAL)
  const from = tries.slice(usual)
  const guessed = (each: Try): number => guess({ side, quality: QUALITY_USUAL }, bytesAtUsual, each)
  if (bytesAtUsual < PHOTO_BYTES_FEW) {
    const better = tries.slice(0, usual).reverse().find((each) => guessed(each) >= PHOTO_BYTES_FEW) ?? tries[0]
    return better ? [better, ...from] : from
  }
  return guessed({ side, quality: QUALITY_USUAL }) <= PHOTO_BYTES_AIM * GUESS_SHARE ? from : stillWorth(from, bytesAtUsual, PHOTO_BYTES_AIM)
}
