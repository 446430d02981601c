// Pictures of photos this phone does not hold: asked of the station when somebody looks, kept in a bounded store, and the
// small ones of hazards that wait for a recheck fetched ahead, so that the old photo is there without signal.
// A picture that cannot be had is a word on the screen, never an error. It must not touch photos taken on this phone.

import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { dropPicturesOf, hasPicture, pictureSubjects, putPicture, readPicture } from '../db/pictures'
import { instant, now } from '../lib/time'
import { me, stationDay } from './identity'
import { photoBytes } from './photo_store'
import { ports, type PictureSize } from './ports'
import { OPEN_HAZARD_STATES, rowById, rowsOf } from './rows'
import { onChanged } from './signal'
import { needsRecheck } from './today'

/** as many small pictures of rechecks are kept ahead; at about 15 KB each, a few seconds on a weak line */
export const PICTURES_AHEAD_MAX = 150
const LAST_DAY = '9999'

export interface PictureWanted {
  sha256: string
  /** the hazard or inspection it belongs to; null: a photo of this phone, nobody else is asked */
  subject: string | null
}

function keyOf(sha256: string, size: PictureSize): string {
  return `${sha256}:${size}`
}

async function kept(sha256: string, size: PictureSize): Promise<ArrayBuffer | null> {
  return readPicture(keyOf(sha256, size), instant(now())).catch(() => null)
}

/** From the station, and into the store; null when it cannot be had now. */
async function asked({ sha256, subject }: PictureWanted, size: PictureSize): Promise<ArrayBuffer | null> {
  if (subject === null) return null
  const answer = await ports.picture(sha256, size)
  if (!answer) return null
  // a preview stands in for a photo that is still on its way: shown, not kept
  if (answer.whole) {
    const record = { key: keyOf(sha256, size), subject, bytes: answer.body.byteLength, used_at: instant(now()) }
    await putPicture(record, answer.body).catch(() => undefined) // a full phone keeps its own work, not these
  }
  return answer.body
}

/** What this phone can show at once, the largest first. */
async function here(sha256: string, size: PictureSize): Promise<ArrayBuffer | null> {
  const own = await photoBytes(sha256, size === 'view' ? 'full' : 'thumb').catch(() => null)
  return own ?? (await kept(sha256, size))
}

/** The largest picture of another phone's photo that is kept here. */
export async function keptPicture(sha256: string): Promise<ArrayBuffer | null> {
  return (await kept(sha256, 'view')) ?? kept(sha256, 'thumbnail')
}

export interface Picture {
  url: Readonly<Ref<string | null>>
  /** the station is being asked */
  asking: Readonly<Ref<boolean>>
}

/** An object URL that follows what can be had: this phone's own picture, the kept one, the station's. */
export function usePicture(wanted: () => PictureWanted, size: PictureSize): Picture {
  const url = ref<string | null>(null)
  const asking = ref(false)
  let turn = 0
  let best = false
  const show = (body: ArrayBuffer | null): void => {
    if (url.value) URL.revokeObjectURL(url.value)
    url.value = body && URL.createObjectURL(new Blob([body], { type: 'image/jpeg' }))
  }

  async function look(): Promise<void> {
    const [mine, picture] = [++turn, wanted()]
    best = false
    const found = await here(picture.sha256, size)
    if (mine !== turn) return
    show(found ?? (size === 'view' ? await kept(picture.sha256, 'thumbnail') : null))
    best = found !== null
    if (best) return
    asking.value = true
    const answer = await asked(picture, size)
    if (mine !== turn) return
    asking.value = false
    best = answer !== null
    if (answer) show(answer)
  }

  watch(() => wanted().sha256, look, { immediate: true })
  // the station was reached just now: what was not to be had may be
  const stop = onChanged(['rows'], () => { if (!best && !asking.value) void look() })
  onScopeDispose(() => {
    stop()
    turn += 1
    show(null)
  })
  return { url, asking }
}

// ---- ahead of a recheck ------------------------------------------------------------------------

/** Photos of hazards that wait for a recheck, the most pressing first. */
async function wantedAhead(): Promise<PictureWanted[]> {
  const day = stationDay(await me())
  const hazards = (await rowsOf('hazard', { states: OPEN_HAZARD_STATES })).filter((hazard) => needsRecheck(hazard, day))
  hazards.sort((a, b) => ((a.deadline ?? LAST_DAY) < (b.deadline ?? LAST_DAY) ? -1 : 1))
  const wanted = hazards.flatMap((hazard) => hazard.photos.map(({ sha256 }) => ({ sha256, subject: hazard.id })))
  return wanted.slice(0, PICTURES_AHEAD_MAX)
}

export async function isHere({ sha256 }: PictureWanted): Promise<boolean> {
  return (await hasPicture(keyOf(sha256, 'thumbnail'))) || (await photoBytes(sha256, 'thumb')) !== null
}

/** Pictures of what this account may no longer see go, at once. */
export async function dropPicturesOutOfScope(): Promise<void> {
  const subjects = await pictureSubjects()
  const rows = await Promise.all(subjects.map(async (id) => (await rowById('hazard', id)) ?? (await rowById('inspection', id))))
  const gone = subjects.filter((_, index) => rows[index] === null)
  if (gone.length > 0) await dropPicturesOf(gone)
}

/** One small picture after the other while `free`; the first that cannot be had ends it until the next time. */
export async function fetchPicturesAhead(free: () => boolean): Promise<void> {
  for (const wanted of await wantedAhead()) {
    if (await isHere(wanted)) continue
    if (!free() || !(await asked(wanted, 'thumbnail'))) return
  }
}
