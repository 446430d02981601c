// How the line is doing: the size of the next part, bytes per second, and how often it broke.
// It must not know what travels over it.

import { PHOTO_PART_BYTES_MAX, PHOTO_PART_BYTES_MIN, PHOTO_PART_BYTES_START } from '../contract/limits'

/** older measurements say nothing about the line of now */
const WINDOW_MS = 20_000

export class Pace {
  part_bytes = PHOTO_PART_BYTES_START
  cuts = 0
  private moved: { at: number; bytes: number }[] = []

  passed(): void {
    this.part_bytes = Math.min(PHOTO_PART_BYTES_MAX, this.part_bytes * 2)
  }

  broke(): void {
    this.cuts += 1
    this.smaller()
  }

  smaller(): void {
    this.part_bytes = Math.max(PHOTO_PART_BYTES_MIN, Math.floor(this.part_bytes / 2))
  }

  note(bytes: number, at: number): void {
    this.moved.push({ at, bytes })
    while (this.moved[0] && this.moved[0].at < at - WINDOW_MS) this.moved.shift()
  }

  secondsFor(bytesLeft: number, at: number): number | null {
    const first = this.moved[0]
    const bytes = this.moved.reduce((sum, one) => sum + one.bytes, 0)
    if (!first || at - first.at < 2000 || bytes === 0) return null
    return Math.ceil(bytesLeft / (bytes / ((at - first.at) / 1000)))
  }
}
