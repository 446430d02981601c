// The worker around scale.ts: one photo in, one answer out, so that the page stays quick while a photo is made.
// It must not keep anything between photos.

import { scale } from './scale'

interface Job {
  original: ArrayBuffer
  type: string
  side: number
}

self.onmessage = async (event: MessageEvent<Job>) => {
  try {
    const scaled = await scale(event.data.original, event.data.type, event.data.side)
    // duplicates in a transfer list are an error: what came unscaled shares no buffer with the others
    self.postMessage({ scaled }, { transfer: [scaled.body, scaled.thumb, scaled.preview] })
  } catch (error) {
    self.postMessage({ failed: String(error) })
  }
}
