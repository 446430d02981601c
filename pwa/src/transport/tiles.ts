// A tile of the map from the station, which asks its provider: the browser keeps it as long as the station says.
// A tile that does not come is no failure of anything. It must not decide which are wanted.

import { me } from '../data/identity'
import { headersOf, urlOf } from './client'

const ANSWER_MS_MAX = 15_000
const TILE_BYTES_MAX = 512 * 1024

/** Null for everything that is no picture from the station: no line, a log-in page, no map there. */
export async function fetchTile(z: number, x: number, y: number): Promise<Blob | null> {
  const token = (await me())?.token
  if (!token || !navigator.onLine) return null
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), ANSWER_MS_MAX)
  try {
    const response = await fetch(urlOf(`/map/tiles/${z}/${x}/${y}`), { headers: headersOf({ token }), credentials: 'same-origin', redirect: 'error', signal: timeout.signal })
    if (!response.ok || !/^image\/(png|jpeg|webp)$/.test(response.headers.get('Content-Type') ?? '')) return null
    const picture = await response.blob()
    return picture.size > 0 && picture.size <= TILE_BYTES_MAX ? picture : null
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}
