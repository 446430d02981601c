// Where the phone is, if it says so: watched while a visit is open, asked once for a list or a map, never waited for, never required.
// It must not keep a track: only the latest fix is held, and only facts and photos made near it use it.

import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import type { SiteRow, Where } from '../contract/wire'
import { instant } from '../lib/time'
import type { PositionView } from './types'

/** an older fix says nothing about where the inspector stands now */
export const FIX_AGE_MAX_MS = 10 * 60_000
const WATCHING: PositionOptions = { enableHighAccuracy: true, maximumAge: 60_000, timeout: 120_000 }
const DENIED = 1

const position = shallowRef<PositionView>({ state: 'off', fix: null, words: '没有开定位' })
let watch: number | null = null
let watchers = 0

export function currentFix(at: Date): Where | null {
  const { fix } = position.value
  return fix && Math.abs(at.getTime() - Date.parse(fix.at)) <= FIX_AGE_MAX_MS ? fix : null
}

function found({ coords, timestamp }: GeolocationPosition): void {
  const accuracy = Math.round(coords.accuracy)
  const fix: Where = { lat: coords.latitude, lon: coords.longitude, accuracy_m: accuracy, at: instant(new Date(timestamp)) }
  position.value = { state: 'fixed', fix, words: `已定位，±${accuracy} 米` }
}

function missed({ code }: GeolocationPositionError): void {
  if (code === DENIED) position.value = { state: 'denied', fix: null, words: '没允许定位，不影响检查' }
  else if (position.value.state !== 'fixed') position.value = { state: 'unavailable', fix: null, words: '还没定到位，不影响检查' }
}

function start(): void {
  watchers += 1
  if (watch === null) watch = asked((by) => by.watchPosition(found, missed, WATCHING))
}

/** Asks the phone once and not again: for an order or a map, which need no more than one place. */
function once(): void {
  asked((by) => by.getCurrentPosition(found, missed, WATCHING))
}

function asked<T>(ask: (by: Geolocation) => T): T | null {
  if (typeof navigator === 'undefined' || !navigator.geolocation) {
    position.value = { state: 'unavailable', fix: null, words: '这部手机不能定位，不影响检查' }
    return null
  }
  if (position.value.state !== 'fixed') position.value = { state: 'searching', fix: null, words: '正在定位，不用等' }
  return ask(navigator.geolocation)
}

function stop(): void {
  watchers = Math.max(0, watchers - 1)
  if (watchers > 0 || watch === null) return
  navigator.geolocation.clearWatch(watch)
  watch = null
}

export function usePosition(): { position: Readonly<ShallowRef<PositionView>>; start: () => void; stop: () => void; once: () => void } {
  let mine = 0
  onScopeDispose(() => {
    while (mine-- > 0) stop()
  })
  return {
    position,
    once,
    start: () => {
      mine += 1
      start()
    },
    stop: () => {
      if (mine > 0) {
        mine -= 1
        stop()
      }
    },
  }
}

/** Metres between two points, good enough to sort a list by. */
export function metresBetween(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const METRES_PER_DEGREE = 111_320
  const north = (a.lat - b.lat) * METRES_PER_DEGREE
  const east = (a.lon - b.lon) * METRES_PER_DEGREE * Math.cos((a.lat * Math.PI) / 180)
  return Math.round(Math.hypot(north, east))
}

export function distanceTo(site: Pick<SiteRow, 'lat' | 'lon'>, fix: { lat: number; lon: number } | null): number | null {
  const { lat, lon } = site
  return fix && typeof lat === 'number' && typeof lon === 'number' ? metresBetween(fix, { lat, lon }) : null
}
