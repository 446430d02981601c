// A notice as its paper says it: from the form before it is signed, and from the row afterwards. Pure but for the address
// this page was opened at, which the code leads to.
// stays Chinese: the paper is for whoever has to put it right

import type { DocumentRow, JsonObject, PaperHazard } from '@/contract/wire'
import type { NoticePaper } from './layout'

const TITLE = '安全隐患整改通知书'

function text(fields: JsonObject, name: string): string {
  const value = fields[name]
  return typeof value === 'string' ? value : ''
}

/** Before it is issued: no number and no code yet. */
export function paperOfForm(fields: JsonObject): NoticePaper {
  const attendance = text(fields, 'attendance')
  return {
    station_name: text(fields, 'station_name'), title: text(fields, 'title') || TITLE, number: null, provisional: null, site_name: text(fields, 'site_name'),
    opening: text(fields, 'opening'), closing: text(fields, 'closing'), hazards: (fields['hazards'] ?? []) as unknown as PaperHazard[],
    attendance: attendance === '' ? null : (attendance as NoticePaper['attendance']), on_site_name: text(fields, 'on_site_name'), on_site_post: text(fields, 'on_site_post'),
    inspectors: text(fields, 'inspectors'), issued_on: text(fields, 'issued_on'), code: null, void_reason: null,
  }
}

export function paperOfRow(row: DocumentRow, fact: string | null): NoticePaper {
  return {
    station_name: row.station_name, title: row.title || TITLE, number: row.number ?? null, provisional: row.provisional ?? null, site_name: row.site_name,
    opening: row.opening ?? '', closing: row.closing ?? '', hazards: row.hazards, attendance: row.attendance,
    on_site_name: row.on_site_name ?? '', on_site_post: row.on_site_post ?? '', inspectors: row.inspectors ?? '', issued_on: row.issued_on,
    code: fact === null ? null : proofAddress(fact), void_reason: row.state === 'void' ? (row.void_reason ?? '') : null,
  }
}

/** The page that tells anybody whether the station has it (docs/reliability.md). */
function proofAddress(fact: string): string {
  return new URL(`/proof/#${fact}`, location.origin).href
}

const NOT_IN_A_FILE_NAME = /[\\/:*?"<>|\s]+/gu

export function fileName({ title, site_name, number, provisional }: NoticePaper): string {
  return [title, site_name, number ?? provisional ?? ''].filter(Boolean).join('-').replace(NOT_IN_A_FILE_NAME, '')
}
