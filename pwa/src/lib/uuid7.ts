// Ids that sort by time (RFC 9562, version 7). The clock is only a hint: a wrong one still gives unique ids.
// It must not know what it names.

import { hex } from './bytes'

export function uuid7(at: Date = new Date(), random: Uint8Array<ArrayBuffer> = crypto.getRandomValues(new Uint8Array(16))): string {
  const bytes = random.slice(0, 16)
  const time = Math.max(0, Math.min(at.getTime(), 2 ** 48 - 1))
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(time / 2 ** (8 * (5 - i))) % 256
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const digits = hex(bytes)
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-')
}
