// From what a chief chose on a page to the facts of one decision. Pure, apart from the fresh ids that facts carry.
// It must not know how a decision is sent, nor what the page looks like.

import type { JsonObject } from '@/contract/wire'
import { changedFields, isEmpty } from '@/lib/changed'
import type { HazardRow, InspectionRow, SiteRow } from './data/types'
import { exactFact, fact, followUp, type DeskFact } from './data/decisions'
import { attributeForm, changedAttributes, type AttributeForm } from './sites/attribute_form'

export interface FiveSettled {
  measure: string
  fix_owner: string
  deadline: string
  fund_wan: string
  contingency: string
}
export interface Order {
  deadline: string
  measure: string
  disposition: string
  document_no: string
  fix_owner: string
}
export interface Recheck {
  result: string
  rechecked_on: string
  note: string
  new_deadline: string
  photos: ChosenPhoto[]
}
/** A photo picked at the desk: the hash and length of the bytes that will go to the station. */
export interface ChosenPhoto {
  sha256: string
  bytes: number
}
export interface RemarkForm {
  field: string
  text: string
}

/** Hazards the chief has not decided yet. */
export function undecided<Row extends Pick<HazardRow, 'state'> & Partial<Pick<HazardRow, 'review'>>>(hazards: readonly Row[]): Row[] {
  return hazards.filter((row) => row.state !== 'void' && row.state !== 'closed' && (row.review === undefined ? row.state === 'submitted' : row.review === 'submitted'))
}

export function confirmGeneral(hazard: HazardRow): DeskFact[] {
  return [fact('hazard.confirmed', hazard, { level: 'general' })]
}

/** Fixed on the spot and seen on the photos: level and end in one decision. */
export function confirmAndClose(hazard: HazardRow, note: string): DeskFact[] {
  const confirmed = fact('hazard.confirmed', hazard, { level: 'general' })
  return [confirmed, followUp(confirmed, 'hazard.closed', { note })]
}

/** What the form starts with; a deadline that has passed is asked for anew. */
export function fiveOf(hazard: HazardRow, today: string): FiveSettled {
  return {
    measure: hazard.measure ?? '', fix_owner: hazard.fix_owner ?? '', deadline: stillAhead(hazard.deadline, today),
    fund_wan: hazard.fund_wan === null ? '' : String(hazard.fund_wan), contingency: hazard.contingency ?? '',
  }
}

/** Which of the five are still open, as the names of their fields. */
export function openOfFive(form: FiveSettled): (keyof FiveSettled)[] {
  const names: (keyof FiveSettled)[] = ['measure', 'fix_owner', 'deadline', 'fund_wan', 'contingency']
  return names.filter((name) => (name === 'fund_wan' ? numberOf(form.fund_wan) === null : form[name].trim() === ''))
}

export function numberOf(text: string): number | null {
  const plain = text.trim()
  if (plain === '' || !/^\d+(\.\d+)?$/.test(plain)) return null
  return Number(plain)
}

export function confirmMajor(hazard: HazardRow, form: FiveSettled): DeskFact[] {
  const body = {
    level: 'major', measure: form.measure.trim(), deadline: form.deadline, fund_wan: numberOf(form.fund_wan), contingency: form.contingency.trim(),
  }
  return [fact('hazard.confirmed', hazard, body, { fix_owner: form.fix_owner.trim() })]
}

function stillAhead(day: string | null, today: string): string {
  return day !== null && day >= today ? day : ''
}

export function orderOf(hazard: HazardRow, today: string): Order {
  const strict = hazard.disposition && hazard.disposition !== 'on_spot' ? hazard.disposition : 'by_deadline'
  return { deadline: stillAhead(hazard.deadline, today), measure: hazard.measure ?? '', disposition: strict, document_no: hazard.document_no ?? '', fix_owner: hazard.fix_owner ?? '' }
}

/** An order; a hazard nobody has confirmed yet is settled as general in the same decision. What stood there and stays is not
 * said again, what was emptied is; by when and what to do is the order itself. */
export function order(hazard: HazardRow, form: Order): DeskFact[] {
  const { measure, document_no, fix_owner } = hazard
  const body = { deadline: form.deadline, disposition: form.disposition, ...changedFields({ measure, document_no: document_no ?? null }, trimmed({ measure: form.measure, document_no: form.document_no })) }
  const hidden = changedFields({ fix_owner }, trimmed({ fix_owner: form.fix_owner }))
  if (hazard.review === 'confirmed') return [exactFact('hazard.ordered', hazard, body, hidden)]
  const confirmed = fact('hazard.confirmed', hazard, { level: 'general' })
  return [confirmed, exactFact('hazard.ordered', { id: hazard.id, heads: [confirmed.id] }, body, hidden)]
}

function trimmed<Fields extends Record<string, string>>(fields: Fields): { [name in keyof Fields]: string } {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.trim()])) as { [name in keyof Fields]: string }
}

export function remarksOf(forms: readonly RemarkForm[]): RemarkForm[] {
  return forms.map(({ field, text }) => ({ field, text: text.trim() })).filter((each) => each.text !== '')
}

export function returnHazard(hazard: HazardRow, remarks: readonly RemarkForm[]): DeskFact[] {
  return [fact('hazard.returned', hazard, { remarks: remarksOf(remarks) })]
}

export function returnInspection(inspection: InspectionRow, remarks: readonly RemarkForm[]): DeskFact[] {
  return [fact('inspection.reviewed', inspection, { outcome: 'returned', remarks: remarksOf(remarks) })]
}

/** Accepting confirms what is left of the general hazards; a suspected major one is never settled in passing. */
export function mayAccept(hazards: readonly HazardRow[]): { majors: number; generals: HazardRow[] } {
  const left = undecided(hazards)
  return { majors: left.filter((row) => row.level !== 'general').length, generals: left.filter((row) => row.level === 'general') }
}

export function accept(inspection: InspectionRow, hazards: readonly HazardRow[]): DeskFact[] {
  const { majors, generals } = mayAccept(hazards)
  if (majors > 0) return []
  const confirmed = generals.flatMap(confirmGeneral)
  if (inspection.state === 'accepted' || inspection.state === 'void') return confirmed
  return [...confirmed, fact('inspection.reviewed', inspection, { outcome: 'accepted' })]
}

export function recheck(hazard: HazardRow, form: Recheck): DeskFact[] {
  const failed = form.result !== 'fixed'
  const said = fact('hazard.rechecked', hazard, {
    result: form.result, rechecked_on: form.rechecked_on, note: form.note.trim(), new_deadline: failed ? form.new_deadline : '',
  })
  return [withPhotos(said, form.photos)]
}

export function reportFixed(hazard: HazardRow, fixed_on: string, note: string, photos: readonly ChosenPhoto[]): DeskFact[] {
  return [withPhotos(fact('hazard.fix_reported', hazard, { fixed_on, note: note.trim() }), photos)]
}

function withPhotos(said: DeskFact, photos: readonly ChosenPhoto[]): DeskFact {
  return photos.length === 0 ? said : { ...said, photos: photos.map(({ sha256, bytes }) => ({ sha256, role: 'after' as const, bytes })) }
}

/** Closing what the finder rechecked needs a reason (domain 4.5). */
export function needsOverride(hazard: HazardRow): boolean {
  return hazard.work === 'recheck_fixed' && hazard.rechecked_by !== null && hazard.rechecked_by === hazard.author
}

export function close(hazard: HazardRow, note: string, override_reason: string): DeskFact[] {
  return [fact('hazard.closed', hazard, { note: note.trim(), override_reason: override_reason.trim() })]
}

export const PRIVATE_FIELDS = ['fix_owner', 'fix_owner_phone', 'owner_name', 'owner_phone', 'owner_post', 'on_site_name', 'on_site_post', 'on_site_phone']

export interface SiteForm {
  name: string
  place_types: string
  area: string
  address: string
  grade: string
  high_risk: boolean
  credit_code: string
  note: string
  owner_name: string
  owner_post: string
  /** a new number; the one that stands there is masked and never shown in the field */
  owner_phone: string
  /** takes the number away that stands there, unless a new one is written */
  without_phone: boolean
  attributes: AttributeForm
}

export function siteForm(site: SiteRow): SiteForm {
  return {
    name: site.name ?? '', place_types: site.place_types.join('、'), area: site.area ?? '', address: site.address ?? '', grade: site.grade ?? '',
    high_risk: site.high_risk ?? false, credit_code: site.credit_code ?? '', note: site.note ?? '', owner_name: site.owner_name ?? '',
    owner_post: site.owner_post ?? '', owner_phone: '', without_phone: false, attributes: attributeForm(site.attributes),
  }
}

function fieldsOfSite(form: SiteForm): JsonObject {
  const { name, area, address, grade, high_risk, credit_code, note, owner_name, owner_post, owner_phone, place_types } = form
  const texts = trimmed({ name, area, address, grade, credit_code, note, owner_name, owner_post, owner_phone })
  return { ...texts, high_risk, place_types: place_types.split(/[、,，;；]+/).map((each) => each.trim()).filter(Boolean) }
}

/** Which of the fields that a site cannot be without are empty, as the names of the fields. */
export function emptyOfSite(form: SiteForm): string[] {
  const fields = fieldsOfSite(form)
  return ['name', 'place_types', 'area'].filter((name) => isEmpty(fields[name]))
}

/** Only what was changed goes into the fact, so that two people editing different fields never meet; what was emptied is said. */
export function amendSite(site: SiteRow, form: SiteForm, reason: string): DeskFact[] {
  const said = changedFields(fieldsOfSite(siteForm(site)), fieldsOfSite(form))
  if (form.without_phone && site.owner_phone && !('owner_phone' in said)) said['owner_phone'] = null
  const attributes = changedAttributes(site.attributes, form.attributes)
  if (Object.keys(attributes).length > 0) said['attributes'] = attributes
  if (Object.keys(said).length === 0) return []
  const of = (hidden: boolean): Record<string, unknown> => Object.fromEntries(Object.entries(said).filter(([name]) => PRIVATE_FIELDS.includes(name) === hidden))
  return [exactFact('site.amended', site, { ...of(false), ...(reason.trim() && { reason: reason.trim() }) }, of(true))]
}
