// Bringing in files that phones exported: one request for each, with how far it has come, and what it brought.
// A receipt for a phone is put together here from the answers; the station signed every piece of it.

import { session, type Problem, type Result } from './client'

const PATH = '/api/v1/rescue/files'
const SEND_MS_MAX = 10 * 60_000

interface Signed { receipt: string; signature: string }
export interface RescueReport {
  export: string
  part: number
  parts: number
  first: number | null
  batch: string | null
  phone: { enrolment: string; label: string; account: string } | null
  facts: { new: number; known: number; quarantined: { kind: string | null; sentence: string }[] }
  photos: { new: number; known: number; waiting: number; damaged: number; no_room: number }
  receipts: (Signed & { facts: string[] })[]
  photo_receipts: Signed[]
  qr_svg: string | null
  photo_qr_svgs: string[]
  rescue_key: { id: string; key: string; signature: string }
}
export interface RescueKeyAnswer { rescue_key: RescueReport['rescue_key']; station: string; qr_svg: string }

/** Not fetch: that cannot say how much of a body has left. */
export function bringFile(file: Blob, progress: (share: number) => void): Promise<Result<RescueReport>> {
  return new Promise((done) => {
    const request = new XMLHttpRequest()
    request.open('POST', PATH)
    request.timeout = SEND_MS_MAX
    request.setRequestHeader('Accept', 'application/json')
    request.setRequestHeader('Accept-Language', 'zh-CN')
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.setRequestHeader('X-CSRF', session.value?.csrf ?? '')
    request.upload.onprogress = (event) => { if (event.total > 0) progress(event.loaded / event.total) }
    request.onerror = request.ontimeout = request.onabort = () => { done({ is: 'offline' }) }
    request.onload = () => { done(judged(request)) }
    request.send(file)
  })
}

/** A 200 that is not our JSON is never success. */
function judged(request: XMLHttpRequest): Result<RescueReport> {
  const type = request.getResponseHeader('Content-Type') ?? ''
  try {
    if (request.status === 200 && type.startsWith('application/json')) return { is: 'done', value: JSON.parse(request.responseText) as RescueReport }
    if (type.startsWith('application/problem+json')) return { is: 'refused', problem: JSON.parse(request.responseText) as Problem }
  } catch {
    // cut off in the middle: not an answer
  }
  return { is: 'fault', status: request.status }
}

// ---- what goes back to a phone -----------------------------------------------------------------

/** Everything one phone gets back: its files of one export belong together. */
export interface PhoneReturn {
  export: string
  who: string
  files: number
  parts: number
  text: string
  codes: string[]
  /** false: those of photos are too many for codes, only the file has them */
  photos_in_codes: boolean
}

/** Of these answers one receipt for each export, in the order they came. */
export function returnsOf(reports: readonly RescueReport[], station: string): PhoneReturn[] {
  const groups = new Map<string, RescueReport[]>()
  for (const report of reports) groups.set(report.export, [...(groups.get(report.export) ?? []), report])
  return [...groups].flatMap(([id, own]) => {
    const receipts = unique(own.flatMap((report) => report.receipts))
    const photos = unique(own.flatMap((report) => report.photo_receipts))
    if (receipts.length + photos.length === 0) return []
    const text = JSON.stringify({ gireceipt: 1, station, receipts, photos, rescue_key: own[0]?.rescue_key })
    const phone = own.find((report) => report.phone)?.phone
    return [{
      export: id, who: phone ? phone.account : '一部手机', files: new Set(own.map((report) => report.part)).size, parts: own[0]?.parts ?? 0,
      text, codes: codesOf(own), photos_in_codes: own.every((report) => report.photo_receipts.length === 0 || report.photo_qr_svgs.length > 0),
    }]
  })
}

/** The words' first; read in any order. */
function codesOf(reports: readonly RescueReport[]): string[] {
  return [...new Set([...reports.flatMap((report) => report.qr_svg ?? []), ...reports.flatMap((report) => report.photo_qr_svgs)])]
}

function unique<Item extends Signed>(signed: readonly Item[]): Item[] {
  return [...new Map(signed.map((each) => [each.receipt, each])).values()]
}

export function receiptName(who: string, id: string): string {
  return `收条-${who}-${id.slice(-4)}.gireceipt`
}
