// Where on a list it was left: the rows on the screen then and where each stood. A row is a better mark than a number of pixels: rows
// above may have changed, and one that is done and gone leaves its place to the next.

import type { RouteLocationNormalized, RouterScrollBehavior } from 'vue-router'

interface Place { top: number; rows: { el: Element; top: number }[] }
type Address = Pick<RouteLocationNormalized, 'fullPath' | 'meta'>
/** by address, with its search */
const left = new Map<string, Place>()
let before = 0

/** Before the screen goes. */
export function leavePlace({ fullPath, meta }: Address): void {
  before = scrollY // read while nothing has changed: later it would lay the new screen out before it is whole
  if (!meta['list']) return
  const rows = [...document.querySelectorAll<HTMLElement>('.growing-row')].map((el) => ({ el, box: el.getBoundingClientRect() }))
  left.set(fullPath, { top: before, rows: rows.filter(({ box }) => box.top > 0 && box.top < innerHeight).map(({ el, box }) => ({ el, top: box.top })) })
  // taken off the page, a row off the screen would have its height guessed again
  for (const { el, box } of rows) el.style.setProperty('contain-intrinsic-size', `auto ${box.height}px`)
}

/** Also for whoever comes back by a tab or after 存好; `saved` for screens that are no lists. False: it stands there already. */
export function placeOn({ fullPath }: Address, saved: { top: number } | null): Awaited<ReturnType<RouterScrollBehavior>> {
  const place = left.get(fullPath)
  const top = place?.top ?? saved?.top ?? 0
  if (top === 0 && before === 0) return false
  return (top && place?.rows.find(({ el }) => el.isConnected)) || { top }
}
