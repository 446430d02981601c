// 整改通知书: begun from a finished visit with the hazards as they stand, and read again as a paper with its numbers.
// What is printed is fixed when it is begun: a hazard amended later changes no paper. It must not know how a paper looks.

import type { DocumentRow, HazardRow, InspectionRow, Json, JsonObject, PaperHazard } from '../contract/wire'
import { NOTICE_HAZARDS_MAX } from '../contract/limits'
import { saidFinding } from '../rules/finding'
import { withUser } from '../db/access'
import type { FactRecord } from '../db/user'
import { NOTICE_TEXT, noticeWords } from '../rules/notice_words'
import { emptyStep } from './begin'
import { insertDraft, openDrafts } from './drafts'
import { me, stationDay } from './identity'
import { loaded, type Loaded } from './loaded'
import { Refusal, attempt } from './outcome'
import { photoBytes } from './photo_store'
import { ports } from './ports'
import { row, rowsOf } from './rows'
import { stationSettings } from './station_settings'
import { photosOfRow } from './views'
import type { Outcome, PhotoView } from './types'

export interface NoticeView {
  document: DocumentRow
  photos: PhotoView[]
  /** the fact the paper's code leads to */
  fact: string | null
  /** the station has it: what the code leads to can be looked up */
  with_station: boolean
}

/** A notice about this visit's hazards; one that is begun and not signed yet is gone on with. */
export async function openNotice(inspection: string): Promise<Outcome<string>> {
  return attempt(async () => {
    const begun = (await openDrafts()).find((draft) => draft.type === 'step' && draft.kind === 'document.issued' && draft.fields['inspection'] === inspection)
    if (begun) return begun.id
    const visit = await row('inspection', inspection)
    if (!visit) throw new Refusal('visit_missing', '这次检查不在这部手机上')
    const hazards = await untold(visit)
    if (hazards.length === 0) throw new Refusal('nothing_to_tell', '这次查出的隐患都已经写进通知书了')
    const step = await emptyStep('document.issued', null, await printed(visit, hazards.slice(0, NOTICE_HAZARDS_MAX)), visit.site)
    await insertDraft(step)
    return step.id
  })
}

/** The visit's hazards that no notice in force names yet; a long visit leaves several. */
async function untold(visit: InspectionRow): Promise<HazardRow[]> {
  const rows = await Promise.all(visit.hazards.map((hazard) => row('hazard', hazard)))
  const told = new Set((await rowsOf('document', { site: visit.site, states: ['issued'] })).flatMap((each) => each.hazards.map(({ hazard }) => hazard)))
  return rows.filter((each): each is HazardRow => each !== null && each.state !== 'void' && each.state !== 'closed' && !told.has(each.id))
}

// stays Chinese: recorded as what the paper said
async function printed(visit: InspectionRow, hazards: readonly HazardRow[]): Promise<JsonObject> {
  const identity = await me()
  const site = await row('site', visit.site)
  const names = await Promise.all([visit.author, ...(visit.companions ?? [])].map(async (id) => (await row('account', id))?.name ?? (id === identity?.account ? identity.account_name : '')))
  return {
    paper: 'notice', site: visit.site, inspection: visit.id, hazards: hazards.map(asPrinted) as unknown as Json,
    site_name: site?.name || '（未写名称）', station_name: identity?.station_name ?? '', issued_on: stationDay(identity), companions: visit.companions ?? [],
    ...noticeWords((await stationSettings())[NOTICE_TEXT] ?? null, stationDay(identity), hazards.length),
    inspectors: names.filter(Boolean).join('、'),
    on_site_name: visit.on_site_name || site?.owner_name || '', on_site_post: visit.on_site_post || site?.owner_post || '',
  }
}

function asPrinted(row: HazardRow): PaperHazard {
  const { id, spot, measure, deadline, state } = row
  const fixed = state === 'spot_fixed'
  const said = { spot, measure, deadline: fixed ? null : deadline }
  const entries = Object.entries(said).filter(([, value]) => Boolean(value))
  return { hazard: id, finding: saidFinding(row), ...Object.fromEntries(entries), ...(fixed ? { spot_fixed: true } : {}) }
}

/** One notice, as it was left and with every number it has. */
export function useNotice(id: string): Loaded<NoticeView> {
  return loaded(['rows', 'facts', 'photos'], async () => {
    const document = await row('document', id)
    if (!document) return null
    const own = await withUser((db) => db.facts.where('subject').equals(id).toArray()) as FactRecord[]
    const issued = own.find(({ kind }) => kind === 'document.issued')
    const fact = document.issued_fact ?? issued?.sha256 ?? null
    return { document, photos: await photosOfRow(document), fact, with_station: Boolean(document.number) }
  })
}

/** The notices of one site, newest first; of one visit or naming one hazard where that is asked. */
export function useNotices(asked: () => { site: string; inspection?: string; hazard?: string } | null): Loaded<DocumentRow[]> {
  return loaded(['rows', 'facts'], async () => {
    const wanted = asked()
    if (!wanted) return []
    const found = (await rowsOf('document', { site: wanted.site })).filter(({ state }) => state !== 'incomplete')
    const { inspection, hazard } = wanted
    return found
      .filter((each) => (!inspection || each.inspection === inspection) && (!hazard || each.hazards.some((one) => one.hazard === hazard)))
      .sort((a, b) => (a.at < b.at ? 1 : -1))
  })
}

/** The signature as bytes: this phone's own, else the station's; null when it cannot be had now. */
export async function signatureOf(photos: readonly PhotoView[]): Promise<ArrayBuffer | null> {
  const last = [...photos].reverse().find(({ role }) => role === 'signature')
  if (!last) return null
  return (await photoBytes(last.sha256, 'full').catch(() => null)) ?? (await ports.picture(last.sha256, 'view'))?.body ?? null
}
