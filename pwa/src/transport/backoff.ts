// How long to wait before the next try: doubling from 1 to 60 seconds with full jitter, never shorter than the station asked.
// It must not wait by itself.

export const WAIT_S_MIN = 1
export const WAIT_S_MAX = 60
const ASKED_S_MAX = 3600

export function waitSeconds(failures: number, asked: number | null, random: number): number {
  const ceiling = Math.min(WAIT_S_MAX, WAIT_S_MIN * 2 ** Math.max(0, failures - 1))
  const own = WAIT_S_MIN + random * (ceiling - WAIT_S_MIN)
  return Math.max(own, Math.min(asked ?? 0, ASKED_S_MAX))
}
