// The worker around stamp.ts: one picture in, one out, so that the page stays quick while it is drawn.

import { stamped, type StampJob } from './stamp'

self.onmessage = async (event: MessageEvent<StampJob>) => {
  try {
    self.postMessage({ made: await stamped(event.data) })
  } catch (error) {
    self.postMessage({ failed: String(error) })
  }
}
