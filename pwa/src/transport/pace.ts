// How the line is doing: the size of the next part, how many at once, bytes per second, how often it broke.
// It must not know what travels over it.

import { PHOTO_PART_BYTES_MAX, PHOTO_PART_BYTES_MIN, PHOTO_PART_BYTES_START } from '../contract/limits'

/** older measurements say nothing about the line of now */
const WINDOW_MS = 20_000
/** so many parts fit between two cuts: a cut costs half a part on average, one byte in 16; heads of parts cost 2 % more */
const PARTS_BETWEEN_CUTS = 8
/** what earlier cuts still weigh at the next one: about the last five count */
const EARLIER_WEIGHS = 0.8
/** a line that carried this many times what it used to carry between cuts is another line by now */
const HEALED = 2

export class Pace {
  part_bytes = PHOTO_PART_BYTES_START
  cuts = 0
  private largest = PHOTO_PART_BYTES_MAX
  /** bytes that arrived whole since the last cut, and the same before with the cuts it took, each cut weighing less with age */
  private since = 0
  private earlier = 0
  private weight = 0
  private moved: { at: number; bytes: number }[] = []

  /** Requests in flight: a cut breaks all of them, so a line that breaks gets one at a time. */
  lanes(max: number): number {
    return this.part_bytes < PHOTO_PART_BYTES_START ? 1 : max
  }

  passed(bytes: number): void {
    this.since += bytes
    this.fit()
  }

  /** A request of this size did not get through, on a line that had just carried another: without any signal nothing is learnt. */
  broke(bytes: number): void {
    this.cuts += 1
    this.earlier = this.earlier * EARLIER_WEIGHS + this.since + bytes / 2
    this.weight = this.weight * EARLIER_WEIGHS + 1
    this.since = 0
    this.fit()
  }

  /** The station, or something before it, takes no request of this size. */
  smaller(): void {
    this.largest = Math.max(PHOTO_PART_BYTES_MIN, Math.floor(this.part_bytes / 2))
    this.fit()
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

  private fit(): void {
    const wanted = this.weight === 0 ? Math.max(PHOTO_PART_BYTES_START, this.since) : this.betweenCuts() / PARTS_BETWEEN_CUTS
    this.part_bytes = Math.floor(Math.min(this.largest, Math.max(PHOTO_PART_BYTES_MIN, wanted)))
  }

  private betweenCuts(): number {
    return Math.max((this.earlier + this.since) / this.weight, this.since / HEALED)
  }
}
