// What is known on this phone of one photo that is looked at: the fact it came with when it is this phone's own, else what
// the row says; before anything is written down, the draft. And the picture with that under it, to be shared.
// The photo that is kept is never touched (I13). It must not know screens.

import type { HazardRow, PhotoMark, PhotoOfFact, PhotoRole, RowPhoto, Where } from '../contract/wire'
import { withUser } from '../db/access'
import { now } from '../lib/time'
import { watermarkLines, type Shot } from '../rules/watermark'
import { readDraft } from './drafts'
import { me } from './identity'
import { photoBytes, photosOfDraft } from './photo_store'
import { keptPicture } from './pictures'
import { currentFix } from './position'
import { row, rowById } from './rows'
import { askOnce } from './ask_worker'
import { stamped, type StampJob } from './stamp'

export interface PhotoShown {
  sha256: string
  role: PhotoRole
  /** the hazard or inspection it belongs to */
  subject: string
  /** while it is still part of a draft */
  draft?: string | undefined
}

interface Said {
  at: string | null
  offset_ms: number | null
  where: Where | null
  author: string | null
  fact_known: boolean
  source: string | null
  marks: PhotoMark[] | null | undefined
}

/** What is shown with a photo: the lines under it, and what was drawn on it. */
export interface PhotoWords {
  lines: string[]
  marks: PhotoMark[]
}

/** From what this phone knows of it. */
export async function toldOf(photo: PhotoShown): Promise<PhotoWords> {
  const { shot, marks } = await shotOf(photo)
  return { lines: watermarkLines(shot), marks }
}

async function shotOf(photo: PhotoShown): Promise<{ shot: Shot; marks: PhotoMark[] }> {
  const [identity, draft, subject] = [await me(), photo.draft ? await readDraft(photo.draft) : null, await subjectRow(photo.subject)]
  const said = (draft && (await saidOfDraft(photo))) ?? (await saidOfFact(photo)) ?? saidOfRow(photo, subject)
  const site = await row('site', draft?.site ?? subject?.site ?? '')
  const area = site ? await row('area', site.area) : null
  const inDraft = draft?.type === 'inspection' ? draft.hazards.find((hazard) => hazard.id === photo.subject)?.spot : null
  const shot = {
    sha256: photo.sha256, at: said.at, offset_ms: said.offset_ms, where: said.where, fact_known: said.fact_known, source: said.source,
    village: area ? await village(area.name, area.parent ?? null, area.level) : null,
    site: site?.name ?? null, spot: inDraft ?? subject?.spot ?? null, number: subject?.number ?? null,
    inspector: await nameOf(said.author), station: identity?.station_name ?? null,
  }
  return { shot, marks: said.marks ?? [] }
}

const WORKER_MS_MAX = 20_000

/** The picture with its watermark under it, to be shared; null when this phone has no picture of it. */
export async function markedPicture(photo: PhotoShown, { lines, marks }: PhotoWords): Promise<Blob | null> {
  const body = (await photoBytes(photo.sha256, 'full')) ?? (await keptPicture(photo.sha256))
  if (!body) return null
  const job: StampJob = { body, lines: [...lines], marks: marks.map(({ shape, box }) => ({ shape, box: [...box] })) }
  if (typeof Worker !== 'undefined' && typeof OffscreenCanvas !== 'undefined') {
    const worker = new Worker(new URL('./stamp.worker.ts', import.meta.url), { type: 'module' })
    const made = await askOnce<{ made?: Blob }>(worker, job, WORKER_MS_MAX).catch(() => null)
    if (made?.made) return made.made
  }
  return stamped(job).catch(() => null)
}

type SubjectRow = Partial<Pick<HazardRow, 'site' | 'spot' | 'number' | 'at' | 'offset_ms' | 'where' | 'author'>> & { photos: RowPhoto[] }

async function subjectRow(id: string): Promise<SubjectRow | null> {
  return (await row('hazard', id)) ?? ((await rowById('inspection', id)) as SubjectRow | null)
}

/** A grid's village; a village itself. */
async function village(name: string, parent: string | null, level: string | null | undefined): Promise<string> {
  const above = level === 'grid' && parent ? await row('area', parent) : null
  return above?.name ?? name
}

async function saidOfDraft({ draft, subject, role, sha256 }: PhotoShown): Promise<Said | null> {
  const photo = (await photosOfDraft(draft ?? '')).find((each) => each.sha256 === sha256 && each.subject === subject && each.role === role)
  const identity = await me()
  if (!photo || !identity) return null
  // where the phone is now, as the statement will say it when it is written down
  return { at: photo.at, offset_ms: identity.offset_ms, where: currentFix(now()), author: identity.account, fact_known: true, source: photo.source ?? null, marks: photo.marks }
}

/** This phone's own statement; of several that name the photo the first. */
async function saidOfFact({ sha256, subject, role }: PhotoShown): Promise<Said | null> {
  const records = await withUser((db) => db.facts.where('photos').equals(sha256).toArray())
  for (const record of records.filter((each) => each.subject === subject).sort((a, b) => a.n - b.n)) {
    const { at, offset_ms, where, author, photos } = JSON.parse(record.line) as { at: string; offset_ms: number | null; where: Where | null; author: string; photos: PhotoOfFact[] }
    const named = photos.find((each) => each.sha256 === sha256 && each.role === role)
    if (named) return { at: named.kept_at ?? at, offset_ms, where, author, fact_known: true, source: named.source ?? null, marks: named.marks }
  }
  return null
}

/** Another phone's photo: who and where is known of the statement that made the row, and of no other. */
function saidOfRow({ sha256, role }: PhotoShown, subject: SubjectRow | null): Said {
  const photo = subject?.photos.find((each) => each.sha256 === sha256 && each.role === role)
  const first = subject !== null && photo?.at !== undefined && photo.at === subject.at
  return {
    at: photo?.kept_at ?? photo?.at ?? null, source: photo?.source ?? null, marks: photo?.marks, fact_known: first,
    offset_ms: first ? (subject.offset_ms ?? null) : null, where: first ? (subject.where ?? null) : null, author: first ? (subject.author ?? null) : null,
  }
}

async function nameOf(account: string | null): Promise<string | null> {
  if (account === null) return null
  const identity = await me()
  return identity?.account === account ? identity.account_name : ((await row('account', account))?.name ?? null)
}
