// Work that can wait until the first list is on the screen: a slow phone draws first and thinks afterwards.

const IDLE_WAIT_MS_MAX = 1_500
const WITHOUT_IDLE_MS = 200 // Safari has no idle callback

export function whenIdle(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve(), { timeout: IDLE_WAIT_MS_MAX })
    else setTimeout(resolve, WITHOUT_IDLE_MS)
  })
}
