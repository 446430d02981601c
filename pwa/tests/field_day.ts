// A field day on a phone: enrolled, visits with photos made and finished. For the benches, in Node and in a browser alike.
// It must not send anything but the enrolment, nor know what is measured.

import { openDraft } from '../src/data/begin'
import { listChecklists } from '../src/data/checklists'
import { newHazardDraft, useDraft } from '../src/data/drafts'
import { enrol } from '../src/data/enrol'
import { finishDraft } from '../src/data/finish'
import { createSite } from './new_site'
import { addPhoto } from '../src/data/photos'
import { plug } from '../src/data/ports'
import { rowsOf } from '../src/data/rows'
import { senderNow } from '../src/data/sender_view'
import { uuid7 } from '../src/lib/uuid7'
import { claim } from '../src/transport/claim'
import { fetchPicture } from '../src/transport/pictures'
import { Sender } from '../src/transport/sender'

const TRIES_MAX = 3_000
const PLACE = '餐饮(瓶装液化气)'

export interface Day {
  visits: number
  photos: number
  /** the next photo as the camera gives it */
  picture: () => Promise<Blob>
}

/** A sender that only runs when it is told to. */
export function ownSender(): Sender {
  return new Sender({ now: () => Date.now(), random: () => 0.5, setTimer: () => 0, clearTimer: () => undefined, hidden: () => false })
}

export async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) if (await done()) return
  throw new Error(`not done after ${TRIES_MAX} tries: ${JSON.stringify(senderNow())}`)
}

/** Enrolled with the code, the station's checklists on the phone, every visit made and nothing of it sent. */
export async function makeDay(code: string, day: Day, sender: Sender): Promise<void> {
  plug({ claim, wake: () => undefined, picture: fetchPicture })
  await until(async () => (await enrol(code)).ok)
  await until(async () => {
    await sender.wake('launch')
    return (await listChecklists([PLACE])).length > 0
  })
  const site = await createSite({ name: '老街川味馆', place_types: [PLACE], area: (await rowsOf('area'))[0]?.id ?? uuid7(), owner_name: '张建国', owner_phone: '13812342210' })
  const checklist = (await listChecklists([PLACE]))[0]?.id ?? ''
  for (let made = 0; made < day.visits; made++) {
    const photos = Math.floor((day.photos * (made + 1)) / day.visits) - Math.floor((day.photos * made) / day.visits)
    await visit(site, checklist, photos, day.picture)
  }
}

async function visit(site: string, checklist: string, photos: number, picture: Day['picture']): Promise<void> {
  const opened = await openDraft(site, checklist)
  if (!opened.ok) throw new Error(opened.words)
  const hazard = newHazardDraft({ item: 'LPG-13', finding: '软管长 2.3 米', measure: '换短', deadline: '2026-12-01' })
  await useDraft(opened.value).change((draft) => {
    draft.answers['LPG-13'] = { item: 'LPG-13', value: 2.3, verdict: 'fail', source: 'measured' }
    draft.hazards = [hazard]
    draft.attendance = 'refused'
  })
  for (let made = 0; made < photos; made++) await addPhoto({ draft: opened.value, subject: hazard.id, role: 'before' }, await picture())
  const finished = await finishDraft(opened.value)
  if (!finished.ok) throw new Error(finished.words)
}
