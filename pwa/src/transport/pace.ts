// How the line is doing: how much may be on its way at once, in how many requests, bytes per second, how often it broke.
// It must not know what travels over it.

import { PHOTO_PART_BYTES_MAX, PHOTO_PART_BYTES_MIN, PHOTO_PART_BYTES_START } from '../contract/limits'

/** one request's answer is waited for while the bytes of the other travel; a third brings nothing */
export const IN_FLIGHT_MAX = 2
/** a line that was never cut carries so much alone before a second photo goes beside the first: some ten seconds of a village's line */
const TRUSTED_BYTES = 3 * PHOTO_PART_BYTES_START
/** of two requests on their way */
const LARGER_SHARE = 2 / 3
const REQUEST_BYTES_MIN = PHOTO_PART_BYTES_MIN / 2
/** a question answered later than this: on such a line one small request after the other is mostly waiting */
const LONG_MS = 150

/** older measurements say nothing about the line of now */
const WINDOW_MS = 20_000
/** so many parts fit between two cuts: a cut costs half a part on average, one byte in 16; heads of parts cost 2 % more */
const PARTS_BETWEEN_CUTS = 8
/** what earlier cuts still weigh at the next one: about the last five count */
const EARLIER_WEIGHS = 0.8
/** a line that carried this many times what it used to carry between cuts is another line by now */
const HEALED = 2

export class Pace {
  /** what is on its way at once, in all requests together: no cut costs more */
  part_bytes = PHOTO_PART_BYTES_START
  cuts = 0
  /** requests with bytes of photos that got through, ever */
  through = 0
  private on_its_way = 0
  private largest = PHOTO_PART_BYTES_MAX
  /** bytes that arrived whole since the last cut, and the same before with the cuts it took, each cut weighing less with age */
  private since = 0
  private earlier = 0
  private weight = 0
  private cut = false
  private long = false
  private moved: { at: number; bytes: number }[] = []

  /** Requests in flight: a cut breaks all of them. Once cut, a second one only where it would be waited for answers most of the time. */
  get lanes(): number {
    if (this.part_bytes >= TRUSTED_BYTES) return IN_FLIGHT_MAX
    return this.weight > 0 && this.long ? IN_FLIGHT_MAX : 1
  }

  /** The most the next request may bring. Two alike would begin and end together, and wait together. */
  get request_bytes(): number {
    const share = this.lanes === 1 ? this.part_bytes : Math.ceil(this.part_bytes * LARGER_SHARE)
    return Math.min(this.largest, share, Math.max(REQUEST_BYTES_MIN, this.part_bytes - this.on_its_way))
  }

  /** The most a request may bring beside which no other travels. */
  get alone_bytes(): number {
    return Math.min(this.largest, this.part_bytes)
  }

  /** A request with so many bytes of a photo leaves; once it is over, the same with less than nothing. */
  travels(bytes: number): void {
    this.on_its_way += bytes
  }

  passed(bytes: number): void {
    this.through += 1
    this.since += bytes
    this.fit()
  }

  /** A question without a body was answered. */
  answered(ms: number): void {
    this.long = ms > LONG_MS
    this.fit()
  }

  /** The line is tried anew. */
  begin(): void {
    this.cut = false
  }

  /** A request of this size did not get through, on a line that had just carried another: without any signal nothing is learnt. */
  broke(bytes: number): void {
    if (this.cut) return // the same cut met the other request too
    this.cut = true
    this.cuts += 1
    this.earlier = this.earlier * EARLIER_WEIGHS + this.since + bytes / 2
    this.weight = this.weight * EARLIER_WEIGHS + 1
    this.since = 0
    this.fit()
  }

  /** The station, or something before it, takes no request of this size. */
  smaller(): void {
    this.largest = Math.max(PHOTO_PART_BYTES_MIN, Math.floor(this.request_bytes / 2))
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
    const least = this.weight > 0 && this.long ? IN_FLIGHT_MAX * PHOTO_PART_BYTES_MIN : PHOTO_PART_BYTES_MIN
    this.part_bytes = Math.floor(Math.min(PHOTO_PART_BYTES_MAX, Math.max(least, wanted)))
  }

  private betweenCuts(): number {
    return Math.max((this.earlier + this.since) / this.weight, this.since / HEALED)
  }
}
