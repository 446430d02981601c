// A small drawing of where a site is and where the phone stood: metres on a square, north up. Pure.

import { metresBetween, type Point } from '../saying'

export const SKETCH_SIZE = 120
const MARGIN = 14
const SPAN_M_MIN = 30

export interface Sketch {
  site: { x: number; y: number } | null
  phone: { x: number; y: number; r: number }
  metres: number | null
  /** how many metres the drawn scale bar stands for, and how long it is drawn */
  bar: { metres: number; length: number }
}

const STEPS_M = [5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 200_000]

export function sketch(site: Point | null, phone: Point & { accuracy_m: number }): Sketch {
  const metres = site ? metresBetween(site, phone) : null
  const span = Math.max(SPAN_M_MIN, phone.accuracy_m, (metres ?? 0) / 2 + phone.accuracy_m)
  const scale = (SKETCH_SIZE / 2 - MARGIN) / span
  const centre: Point = site ? { lat: (site.lat + phone.lat) / 2, lon: (site.lon + phone.lon) / 2 } : phone
  const bar = [...STEPS_M].reverse().find((step) => step * scale <= SKETCH_SIZE / 3) ?? 5
  return {
    site: site ? place(site, centre, scale) : null,
    phone: { ...place(phone, centre, scale), r: Math.max(3, phone.accuracy_m * scale) },
    metres,
    bar: { metres: bar, length: bar * scale },
  }
}

function place(point: Point, centre: Point, scale: number): { x: number; y: number } {
  const east = metresBetween({ lat: centre.lat, lon: centre.lon }, { lat: centre.lat, lon: point.lon }) * Math.sign(point.lon - centre.lon)
  const north = metresBetween({ lat: centre.lat, lon: centre.lon }, { lat: point.lat, lon: centre.lon }) * Math.sign(point.lat - centre.lat)
  return { x: round(SKETCH_SIZE / 2 + east * scale), y: round(SKETCH_SIZE / 2 - north * scale) }
}

const round = (value: number): number => Math.round(value * 10) / 10
