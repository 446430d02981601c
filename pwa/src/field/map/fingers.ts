// Fingers on the map: one moves it, two stretch it, a wheel does too, and one that came and went is a tap.
// It must not know what is on the map.

import type { Spot } from './geometry'

const TAP_PX_MAX = 8
const WHEEL_STEP = 1.25

export interface Gestures {
  move: (x: number, y: number) => void
  stretch: (factor: number, around: Spot) => void
  tap: (at: Spot) => void
}

export function fingersOn({ move, stretch, tap }: Gestures): Record<'down' | 'moved' | 'up' | 'lost', (event: PointerEvent) => void> & { wheel: (event: WheelEvent) => void } {
  const down = new Map<number, Spot>()
  let moved = 0
  const spotOf = (event: PointerEvent): Spot => ({ x: event.offsetX, y: event.offsetY })
  const apart = (): number => {
    const [one, two] = [...down.values()]
    return one && two ? Math.hypot(one.x - two.x, one.y - two.y) : 0
  }
  return {
    down: (event) => {
      if (down.size === 0) moved = 0
      down.set(event.pointerId, spotOf(event))
      ;(event.currentTarget as Element | null)?.setPointerCapture?.(event.pointerId)
    },
    moved: (event) => {
      const was = down.get(event.pointerId)
      if (!was || down.size > 2) return
      const before = apart()
      const now = spotOf(event)
      down.set(event.pointerId, now)
      moved += Math.hypot(now.x - was.x, now.y - was.y)
      if (down.size === 1) {
        if (moved > TAP_PX_MAX) move(now.x - was.x, now.y - was.y)
        return
      }
      moved = Infinity
      const [one, two] = [...down.values()] as [Spot, Spot]
      if (before > 0 && apart() > 0) stretch(apart() / before, { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 })
    },
    up: (event) => {
      if (down.delete(event.pointerId) && down.size === 0 && moved <= TAP_PX_MAX) tap(spotOf(event))
    },
    lost: (event) => void down.delete(event.pointerId),
    wheel: (event) => stretch(event.deltaY < 0 ? WHEEL_STEP : 1 / WHEEL_STEP, { x: event.offsetX, y: event.offsetY }),
  }
}
