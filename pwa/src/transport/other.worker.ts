// A sender for one person who does not use the phone now: one run in her databases, and an answer when it is over.
// The lock of her space keeps it from running beside a page of hers.

import { enterSpace } from '../data/space'
import { Sender } from './sender'

self.onmessage = async ({ data }: MessageEvent<string>): Promise<void> => {
  enterSpace(data)
  const sender = new Sender({
    now: () => Date.now(),
    random: () => Math.random(),
    setTimer: () => null, // one run: whoever asked asks again
    clearTimer: () => undefined,
    hidden: () => false,
  })
  await sender.wake('launch').catch(() => undefined)
  self.postMessage('over')
}
