// Pictures to look at, from the station: one request, and the ones fetched ahead while nothing else is on the line.
// It must not decide which are wanted, and a picture that does not come is no failure of anything.

import { me } from '../data/identity'
import { dropPicturesOutOfScope, fetchPicturesAhead } from '../data/pictures'
import type { PictureAnswer, PictureSize } from '../data/ports'
import { senderNow } from '../data/sender_view'
import { onChanged } from '../data/signal'
import { headersOf, urlOf } from './client'

const ANSWER_MS_MAX = 20_000
const PICTURE_BYTES_MAX = 2 * 1024 * 1024
/** changes come in bursts; the lists they change are drawn first */
const AFTER_CHANGES_MS = 2_000

/** Null for everything that is not the station's own JPEG: no line, a log-in page, out of scope, not there yet. */
export async function fetchPicture(sha256: string, size: PictureSize): Promise<PictureAnswer | null> {
  const token = (await me())?.token
  if (!token) return null
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), ANSWER_MS_MAX)
  try {
    const response = await fetch(urlOf(`/photos/${sha256}/${size}`), {
      headers: headersOf({ token }), credentials: 'same-origin', cache: 'no-store', redirect: 'error', signal: timeout.signal,
    })
    if (!response.ok || response.headers.get('Content-Type') !== 'image/jpeg') return null
    const body = await response.arrayBuffer()
    const fits = body.byteLength > 0 && body.byteLength <= PICTURE_BYTES_MAX
    return fits ? { body, whole: response.headers.get('Cache-Control') !== 'no-store' } : null
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}

/** Nobody's work waits for a picture: only while the sender rests and somebody looks at the page. */
function free(): boolean {
  const { saveData } = (navigator as { connection?: { saveData?: boolean } }).connection ?? {}
  return senderNow().phase === 'idle' && document.visibilityState === 'visible' && saveData !== true
}

/** After every contact with the station: what left the scope goes, what a recheck will want comes. */
export function followChanges(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false
  async function run(): Promise<void> {
    if (running) return
    running = true
    await dropPicturesOutOfScope().then(() => fetchPicturesAhead(free)).catch(() => undefined)
    running = false
  }
  return onChanged(['rows'], () => {
    clearTimeout(timer)
    timer = setTimeout(() => void run(), AFTER_CHANGES_MS)
  })
}
