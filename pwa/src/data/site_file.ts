// 一企一档 from what lies on this phone: what the file says, what was measured last, until when each thing holds, and the photos here.
// What a line means comes from the declared site fields and from the checklists; it must not know any of either.

import { SITE_FIELDS } from '../contract/site_fields'
import type { InspectionRow, JsonObject, SiteRow } from '../contract/wire'
import { dayNumber, due, parseDay, parseDuration, type Day } from '../rules/days'
import type { Checklist, Item } from '../rules/types'
import { loadChecklist } from './checklists'
import { me, stationDay } from './identity'
import { loaded, type Loaded } from './loaded'
import { isHere } from './pictures'
import { row, rowsOf } from './rows'
import type { PhotoSlot } from './types'

/** so long before it ends, a licence is spoken of: enough to have it renewed */
export const SOON_DAYS = 60
/** the newest; more is a gallery, not a file */
export const FILE_PHOTOS_MAX = 24

export type Standing = 'holds' | 'soon' | 'over'
export interface FileLine {
  name: string
  label: string
  /** a date as text (2027-06, 2027-06-30), a figure with its unit, words, or 是 and 否 */
  text: string
  date: boolean
  /** until when it holds: days from today, below zero when it is over; null when nothing ends */
  days_left: number | null
  standing: Standing | null
  /** the day it was measured or seen; null for what the file itself says */
  on: string | null
}
export interface FilePhoto {
  sha256: string
  subject: string
  role: PhotoSlot['role']
  day: string
}
export interface SiteFileView {
  said: FileLine[]
  measured: FileLine[]
  photos: FilePhoto[]
}

export function useSiteFile(id: string): Loaded<SiteFileView> {
  return loaded(['rows', 'facts', 'photos'], () => siteFile(id))
}

async function siteFile(id: string): Promise<SiteFileView | null> {
  const site = await row('site', id)
  if (!site) return null
  const [today, inspections] = [stationDay(await me()), await rowsOf('inspection', { site: id })]
  const newest = inspections.filter(({ state }) => state !== 'void').sort((a, b) => (a.started_at < b.started_at ? 1 : -1))
  return { said: said(site, today), measured: await measured(newest, today), photos: await photosHere(id, newest) }
}

// ---- what the file says ------------------------------------------------------------------------

/** In the order of the declaration; what an older release wrote and nobody declares any more comes last. */
function said({ attributes }: SiteRow, today: string): FileLine[] {
  const known = attributes ?? {}
  const declared = SITE_FIELDS.filter(({ name }) => name in known).map(({ name, type, label, unit }) => line(name, label, known[name], { unit, until: type === 'date' ? 'P0D' : null, today, on: null }))
  const others = Object.keys(known).filter((name) => !SITE_FIELDS.some((field) => field.name === name))
  return [...declared, ...others.map((name) => line(name, name, known[name], { unit: '', until: null, today, on: null }))]
}

interface About {
  unit: string
  /** how long it holds from the date on; null: it is no date, or one that ends nothing */
  until: string | null
  today: string
  on: string | null
}

function line(name: string, label: string, value: unknown, { unit, until, today, on }: About): FileLine {
  const day = until === null ? null : parseDay(value)
  const days_left = day === null ? null : lastDay(day, until ?? '') - dayNumber(parseDay(today) as Day)
  const text = typeof value === 'boolean' ? (value ? '是' : '否') : [String(value), unit].filter(Boolean).join(' ')
  return { name, label, text, date: day !== null, days_left, standing: days_left === null ? null : standingOf(days_left), on }
}

function lastDay(day: Day, duration: string): number {
  const length = parseDuration(duration)
  return length === null ? dayNumber(day) : due(day, length)
}

function standingOf(daysLeft: number): Standing {
  return daysLeft < 0 ? 'over' : daysLeft <= SOON_DAYS ? 'soon' : 'holds'
}

// ---- what was measured last --------------------------------------------------------------------

/** Figures and dates of the newest visit with each checklist, in the words of that checklist. */
async function measured(newest: readonly InspectionRow[], today: string): Promise<FileLine[]> {
  const perList = new Map<string, InspectionRow>()
  for (const inspection of newest) if (!perList.has(inspection.checklist)) perList.set(inspection.checklist, inspection)
  const lines = await Promise.all([...perList.values()].map(async (inspection) => {
    const list = (await loadChecklist(inspection.checklist, inspection.checklist_version)) ?? (await loadChecklist(inspection.checklist))
    return list ? measuredIn(inspection, list.content as unknown as Checklist, today) : []
  }))
  return lines.flat()
}

function measuredIn({ answers, day }: InspectionRow, { items }: Checklist, today: string): FileLine[] {
  const given = new Map(answers.map((answer) => [answer.item, plain(answer.value)]))
  return items.flatMap((item) => {
    const value = given.get(item.id)
    if (value === undefined || value === null || !fits(item, value)) return []
    const { type, noun, unit_label: unit = '', max_age } = item.answer
    return [line(item.id, noun ?? item.text, value, { unit, until: type === 'date' ? (max_age ?? 'P0D') : null, today, on: day })]
  })
}

function fits({ answer }: Item, value: string | number): boolean {
  return answer?.type === 'number' ? typeof value === 'number' : answer?.type === 'date' && parseDay(value) !== null
}

/** An answer is a plain value, or an object when there was more to say. */
function plain(value: unknown): string | number | null {
  const bare = typeof value === 'object' && value !== null ? (value as JsonObject)['value'] : value
  return typeof bare === 'string' || typeof bare === 'number' ? bare : null
}

// ---- photos ------------------------------------------------------------------------------------

/** Those of this site that can be seen without signal, the newest first. */
async function photosHere(site: string, inspections: readonly InspectionRow[]): Promise<FilePhoto[]> {
  const hazards = await rowsOf('hazard', { site })
  const all = [
    ...inspections.flatMap(({ id, day, photos }) => (photos ?? []).filter(({ role }) => role !== 'signature').map(({ sha256, role }) => ({ sha256, subject: id, role, day }))),
    ...hazards.flatMap(({ id, found_on: day, photos }) => (photos ?? []).map(({ sha256, role }) => ({ sha256, subject: id, role, day }))),
  ].sort((a, b) => (a.day < b.day ? 1 : -1))
  const unique = [...new Map(all.map((photo) => [photo.sha256, photo])).values()]
  const here = await Promise.all(unique.map((photo) => isHere(photo).catch(() => false)))
  return unique.filter((_, place) => here[place]).slice(0, FILE_PHOTOS_MAX)
}
