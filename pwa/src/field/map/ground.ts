// The pictures under the map: asked for a few at a time while the phone is online, kept while the map is open, faded in.
// Without a source nothing is asked for and nothing drawn; a tile that does not come is left out, and nobody is told off.

import { mapTile, type MapSource } from '@/data/later'
import { onScreen, type Window } from './geometry'
import { tilesUnder, type Tile } from './mercator'

const AT_ONCE_MAX = 2 // the station fetches as few for all its phones
const KEPT_MAX = 120
const FADE_MS = 250
const AGAIN_MS = 20_000
/** the marks have to stand out on any provider's colours */
const STRENGTH = { light: 0.75, dark: 0.3 }

interface Picture {
  image: CanvasImageSource & { close?: () => void }
  since: number
}

export interface Ground {
  /** true: some of it is still fading in */
  draw: (ink: CanvasRenderingContext2D, window: Window, width: number, height: number, dark: boolean) => boolean
  close: () => void
}

/** `changed`: there is more to draw than there was. */
export function groundOf(source: MapSource, changed: () => void): Ground {
  const pictures = new Map<string, Picture>()
  let wanted: Tile[] = []
  let loading = 0
  let quietUntil = 0
  let open = true
  const keyOf = ({ z, x, y }: Tile): string => `${z}/${x}/${y}`
  const asked = new Set<string>()
  const fadeMs = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ? 0 : FADE_MS

  async function load(tile: Tile): Promise<void> {
    const key = keyOf(tile)
    asked.add(key)
    loading += 1
    const blob = await mapTile(tile.z, tile.x, tile.y)
    const image = blob && (await createImageBitmap(blob).catch(() => null))
    loading -= 1
    asked.delete(key)
    if (!open) return image?.close()
    if (image) {
      keep(key, image)
      changed()
    } else quietUntil = performance.now() + AGAIN_MS // no line, or a busy station: the points do without
    next()
  }
  function keep(key: string, image: ImageBitmap): void {
    pictures.set(key, { image, since: performance.now() })
    const [oldest] = pictures.keys()
    if (pictures.size <= KEPT_MAX || oldest === undefined) return
    pictures.get(oldest)?.image.close?.()
    pictures.delete(oldest)
  }
  function next(): void {
    while (open && loading < AT_ONCE_MAX && navigator.onLine && performance.now() >= quietUntil) {
      const tile = wanted.find((each) => !pictures.has(keyOf(each)) && !asked.has(keyOf(each)))
      if (!tile) return
      void load(tile)
    }
  }
  const back = (): void => { quietUntil = 0; next() }
  globalThis.addEventListener('online', back)

  return {
    draw: (ink, window, width, height, dark) => {
      wanted = tilesUnder(window, width, height, source)
      let fading = false
      for (const tile of wanted) {
        const picture = pictures.get(keyOf(tile))
        if (!picture) continue
        const shown = fadeMs ? Math.min(1, (performance.now() - picture.since) / fadeMs) : 1
        fading ||= shown < 1
        const [from, to] = [onScreen(tile.from, window), onScreen(tile.to, window)]
        ink.globalAlpha = shown * STRENGTH[dark ? 'dark' : 'light']
        // a hair larger, so that no seam shows between two
        ink.drawImage(picture.image, from.x, from.y, to.x - from.x + 0.5, to.y - from.y + 0.5)
      }
      ink.globalAlpha = 1
      next()
      return fading
    },
    close: () => {
      open = false
      globalThis.removeEventListener('online', back)
      for (const { image } of pictures.values()) image.close?.()
      pictures.clear()
    },
  }
}
