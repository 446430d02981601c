// Work that can wait until the first screen has its content: a slow phone shows where to go first and asks the station after.

import { afterPaint } from '@/ui/after_paint'

const WAIT_MS_MAX = 1_500 // a screen that never says so must not hold back the handing over

let tell: () => void = () => undefined
const shown = new Promise<void>((resolve) => { tell = resolve })

/** Called by a screen when its content is there. */
export function firstScreenShown(): void {
  afterPaint(tell)
}

export function afterFirstScreen(): Promise<void> {
  return Promise.race([shown, new Promise<void>((resolve) => { setTimeout(resolve, WAIT_MS_MAX) })])
}

const STILL_MS = 400 // between two touches of one who knows her way
const STILL_MS_MAX = 4_000 // a thumb that never rests must not hold back the handing over either
const MOMENT_MS = 50
let rest: Promise<void> | null = null

/** Work that nobody waits for: when the first screen is up and the thumb has been still for a moment, so that no tap waits behind it. Begun one after another. */
export function afterFirstRest(): Promise<void> {
  rest = (rest ?? rested()).then(aMoment)
  return rest
}

/** Between two works that nobody waits for: a tap comes in here. */
export function aMoment(): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, MOMENT_MS) })
}

async function rested(): Promise<void> {
  await afterFirstScreen()
  const [touches, begun] = [['pointerdown', 'keydown', 'click'], performance.now()]
  let touched = begun
  const note = (): void => { touched = performance.now() }
  for (const touch of touches) addEventListener(touch, note, { capture: true, passive: true })
  while (performance.now() - touched < STILL_MS && performance.now() - begun < STILL_MS_MAX) await new Promise((resolve) => { setTimeout(resolve, STILL_MS / 4) })
  for (const touch of touches) removeEventListener(touch, note, { capture: true })
}

/** The app's files came from this phone: they are compiled (build/plain-scripts.ts). */
export const filesKept = (): boolean => Boolean(navigator.serviceWorker?.controller)

/** Between two pieces of a start whose files are compiled while they run: the page must not stand still for all of it at a stretch. */
export function breath(): Promise<void> {
  return filesKept() ? Promise.resolve() : new Promise((resolve) => { setTimeout(resolve) })
}
