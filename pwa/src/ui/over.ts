// What lies over a screen (a sheet, the camera) has a history entry of its own, so that the phone's back key takes it
// away and leaves the screen, with all that was typed, as it is. It must not know routes or what lies there.

interface Layer {
  close: () => void
}

const BACK_MS_MAX = 500 // a traversal that never comes must not hold up whoever waits for it
const layers: Layer[] = []
let hrefBelow = ''
/** steps back that were asked for here: their arrival says nothing to anybody else */
let own = 0
let arrived: () => void = () => undefined
let stepping: Promise<void> = Promise.resolve()

function depthOf(state: unknown): number {
  const depth = (state as { over?: unknown } | null)?.over
  return typeof depth === 'number' ? depth : 0
}

function stepBack(steps: number): void {
  own += 1
  stepping = new Promise((resolve) => {
    const late = setTimeout(() => {
      own -= 1
      resolve()
    }, BACK_MS_MAX)
    arrived = () => {
      clearTimeout(late)
      own -= 1
      resolve()
    }
  })
  history.go(-steps)
}

function closeDownTo(depth: number): void {
  while (layers.length > depth) layers.pop()?.close()
}

function popped(event: PopStateEvent): void {
  if (own > 0) {
    arrived()
    event.stopImmediatePropagation()
    return
  }
  if (layers.length === 0) return
  // same address: only what lay over the screen went, and nobody else has to do anything
  if (location.href === hrefBelow) event.stopImmediatePropagation()
  closeDownTo(location.href === hrefBelow ? depthOf(event.state) : 0)
}

/** Something lies over the screen now; the phone's back key calls `close`. The answer takes it away by other means. */
export function layOver(close: () => void): () => void {
  const layer = { close }
  if (layers.length === 0) hrefBelow = location.href
  layers.push(layer)
  history.pushState({ ...(history.state as object | null), over: layers.length }, '')
  return () => {
    const place = layers.indexOf(layer)
    if (place === -1) return // the back key was first
    const steps = layers.length - place
    layers.splice(place, 1)
    closeDownTo(place)
    if (depthOf(history.state) > 0) stepBack(steps)
  }
}

/** Before any change of screen: what lies over this one goes first, and its history entry with it. */
export async function nothingOver(): Promise<void> {
  if (layers.length > 0 && depthOf(history.state) > 0) stepBack(layers.length)
  closeDownTo(0)
  await stepping
}

// Heard before the router hears it (imported before it is made; capture where the browser orders by it).
window.addEventListener('popstate', popped, { capture: true })
// A page that was killed under a sheet comes back on the sheet's entry: back to the screen's own.
if (depthOf(history.state) > 0) stepBack(depthOf(history.state))
