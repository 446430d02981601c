// How large a phone keeps a photo: the longer side in pixels, from the station's setting of this name.

export const PHOTO_SIDE = 'photo_side_px'
/** unless the station has set another */
export const PHOTO_SIDE_PX = 1600
export const SIDE_PX_MIN = 800
export const SIDE_PX_MAX = 2560

/** Anything else than a sensible side is none. */
export function photoSideOf(said: unknown): number {
  return typeof said === 'number' && said >= SIDE_PX_MIN && said <= SIDE_PX_MAX ? Math.round(said) : PHOTO_SIDE_PX
}
