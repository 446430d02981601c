// How long the page was out of sight, by two clocks: one stops while the phone sleeps, the other can be set. Either is enough.
// It must not know what happens then.

let after_s: number | null = null
let tell: () => void = () => undefined
let left: { clock: number; running: number } | null = null
let listening = false

/** Calls `away` when the page comes back after so many seconds; null: no more. */
export function watchAbsence(seconds: number | null, away: () => void): void {
  after_s = seconds
  tell = away
  if (!listening) document.addEventListener('visibilitychange', look)
  listening = true
}

function look(): void {
  if (document.visibilityState === 'hidden') {
    left = { clock: Date.now(), running: performance.now() }
    return
  }
  if (left === null || after_s === null) return
  const [by_clock, by_running] = [Date.now() - left.clock, performance.now() - left.running]
  left = null
  // set back: nobody can say how long it was
  if (by_clock < 0 || Math.max(by_clock, by_running) >= after_s * 1000) tell()
}
