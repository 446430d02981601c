// One part of a photo, or all of it, by XMLHttpRequest: fetch tells nothing about progress, and progress is how a dead line is noticed.
// It must not know offsets or what comes next.

import { headersOf, judged, urlOf, type Ask } from './client'
import { NO_NETWORK, SLOW, type Result } from './results'

/** no byte moved for this long: the line is dead, whatever the phone's bars say */
export const STILL_MS_MAX = 15_000

export interface PartAsk extends Omit<Ask, 'signal'> {
  method: 'PATCH' | 'PUT'
  progress: (bytesSent: number) => void
}

export function sendPart<T>(request: PartAsk, stillMax: number = STILL_MS_MAX): Promise<Result<T>> {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    const sent_at = Date.now()
    let timer: ReturnType<typeof setTimeout>
    const alive = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        xhr.abort()
        resolve(SLOW)
      }, stillMax)
    }
    const end = (result: Result<T>): void => {
      clearTimeout(timer)
      resolve(result)
    }
    xhr.open(request.method, urlOf(request.path))
    for (const [name, value] of Object.entries(headersOf(request))) xhr.setRequestHeader(name, value)
    xhr.upload.onprogress = (event) => {
      alive()
      request.progress(event.loaded)
    }
    xhr.onprogress = alive
    xhr.onload = () => end(judged<T>(xhr.status, headersFrom(xhr.getAllResponseHeaders()), xhr.responseText, sent_at))
    xhr.onerror = () => end(NO_NETWORK)
    alive()
    xhr.send(request.body ?? null)
  })
}

function headersFrom(lines: string): Headers {
  const headers = new Headers()
  for (const line of lines.trim().split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return headers
}
