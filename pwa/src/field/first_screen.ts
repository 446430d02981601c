// Work that can wait until the first screen has its content: a slow phone shows where to go first and asks the station after.

const WAIT_MS_MAX = 1_500 // a screen that never says so must not hold back the handing over

let tell: () => void = () => undefined
const shown = new Promise<void>((resolve) => { tell = resolve })

/** Called by a screen when its content is there. */
export function firstScreenShown(): void {
  requestAnimationFrame(() => tell())
}

export function afterFirstScreen(): Promise<void> {
  return Promise.race([shown, new Promise<void>((resolve) => { setTimeout(resolve, WAIT_MS_MAX) })])
}
