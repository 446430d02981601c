// The phone's own code when the station is lost and restored from a backup: real commands, real gunicorn, real signatures.

import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createSite } from './new_site'
import { openDraft } from '../src/data/begin'
import { listChecklists } from '../src/data/checklists'
import { newHazardDraft, useDraft } from '../src/data/drafts'
import { finishDraft } from '../src/data/finish'
import { enrol } from '../src/data/enrol'
import { me, updateIdentity } from '../src/data/identity'
import { addPhoto } from '../src/data/photos'
import { plug } from '../src/data/ports'
import { row, rowsOf } from '../src/data/rows'
import { senderNow } from '../src/data/sender_view'
import { logAlarm } from '../src/data/witness'
import { withUser } from '../src/db/access'
import { startPulledOver } from '../src/db/pulled'
import { uuid7 } from '../src/lib/uuid7'
import { claim } from '../src/transport/claim'
import { fetchPicture } from '../src/transport/pictures'
import { Sender } from '../src/transport/sender'
import { killBrowser, newPhone } from './phone'
import { RealServer, START_MS_MAX } from './real_server'

const LONG_MS_MAX = 6 * START_MS_MAX
const KIND = '餐饮(瓶装液化气)'
let station: RealServer
let second: RealServer

const sender = (): Sender => new Sender({ now: () => Date.now(), random: () => 0.5, setTimer: () => 0, clearTimer: () => undefined, hidden: () => false })

/** Set up once, with more codes than a test uses; every test works on a copy of its own. */
let made: RealServer
let codes: string[] = []

beforeAll(() => {
  made = new RealServer()
  const enrol = ['accounts', 'enrol', 'ana']
  const said = made.commands(['migrate'], ['setup'], ['accounts', 'add', 'ana', '安娜', '--roles', 'inspector'], enrol, enrol, enrol, enrol)
  codes = [...said.matchAll(/\/enrol\/([\w-]+)/g)].map((found) => found[1] ?? '')
}, START_MS_MAX)

afterAll(() => made.remove())

let left: string[] = []

beforeEach(async () => {
  station = new RealServer()
  second = new RealServer()
  cpSync(made.data, station.data, { recursive: true })
  left = [...codes]
  newPhone()
  startPulledOver()
  plug({ claim, wake: () => undefined, picture: fetchPicture })
  await station.serve()
}, START_MS_MAX)

afterEach(async () => {
  await station.remove()
  await second.remove()
})

async function enrolled(): Promise<void> {
  const done = await enrol(left.pop() ?? '')
  if (!done.ok) throw new Error(done.words)
  for (const until = Date.now() + START_MS_MAX / 2; Date.now() < until; ) {
    await sender().wake('launch')
    if ((await listChecklists([KIND])).length) return
    await new Promise((again) => setTimeout(again, 50))
  }
  throw new Error(`nothing came from the station: ${JSON.stringify(senderNow())}`)
}

/** One visit with one hazard and its photo; the hazard. */
async function visit(name: string): Promise<string> {
  const site = await createSite({ name, place_types: [KIND], area: (await rowsOf('area'))[0]?.id ?? uuid7(), owner_name: '张建国', owner_phone: '13812342210' })
  const [checklist] = await listChecklists([KIND])
  const opened = await openDraft(site, checklist?.id ?? '')
  if (!opened.ok) throw new Error(opened.words)
  const hazard = newHazardDraft({ item: 'LPG-13', finding: `${name} 软管长`, measure: '换短', deadline: '2026-12-01', fix_owner: '张建国', category: '' })
  await useDraft(opened.value).change((draft) => {
    draft.hazards = [hazard]
    draft.attendance = 'refused'
  })
  await addPhoto({ draft: opened.value, subject: hazard.id, role: 'before' }, new Blob([`photo of ${name}`, 'x'.repeat(20_000)]))
  const finished = await finishDraft(opened.value)
  if (!finished.ok) throw new Error(finished.words)
  return hazard.id
}

const backups = (): string => join(station.folder, 'backups')

/** Another machine with last night's backup and the keys. */
async function loseAndRestore(keys: readonly string[] = ['station-key.pem', 'rescue-key.pem']): Promise<void> {
  await station.lose()
  mkdirSync(second.data)
  for (const key of keys) cpSync(join(station.data, key), join(second.data, key))
  second.cli('restore', 'from', backups(), ...(keys.length > 0 ? [] : ['--new-key']))
  await second.serve()
  killBrowser()
}

async function untilQuiet(): Promise<void> {
  for (let round = 0; round < 5; round++) await sender().wake('manual')
}

const number = async (hazard: string): Promise<string | null | undefined> => ((await row('hazard', hazard)) as { number?: string | null } | null)?.number

test('a phone enrolled anew after the backup is known again by itself; all it wrote comes back, with photos and numbers', async () => {
  await enrolled()
  const hazards = [await visit('早上的店')]
  await sender().wake('manual')
  station.cli('backup', 'make', backups())
  hazards.push(await visit('中午的店'))
  await sender().wake('manual')
  // the older facts stay under the older enrolment
  await updateIdentity({ signed_out: true })
  await enrolled()
  hazards.push(await visit('傍晚的店'))
  await sender().wake('manual')
  await sender().wake('manual')
  const numbers = await Promise.all(hazards.map(number))
  expect(new Set(numbers).size).toBe(3)
  const epoch = (await me())?.epoch ?? 0

  await loseAndRestore()
  await untilQuiet()
  expect(senderNow()).toMatchObject({ phase: 'idle', problem: null, facts_left: 0, photos_left: 0 })
  const running = (await me())?.epoch ?? 0
  expect(running).toBeGreaterThan(epoch)
  expect(await Promise.all(hazards.map(number))).toEqual(numbers)
  const rows = await Promise.all(hazards.map((hazard) => row('hazard', hazard)))
  expect(rows.map((each) => [each?.pending, each?.redacted])).toEqual(rows.map(() => [undefined, false]))
  expect((await withUser((db) => db.facts.toArray())).filter((fact) => fact.verdict?.startsWith('quarantined'))).toEqual([])
  const photos = await withUser((db) => db.photos.toArray())
  // every one has a receipt of the restored station, those in the backup too
  expect(photos.map(({ state, receipt }) => [state, (JSON.parse(receipt ?? '{}') as { epoch?: number }).epoch])).toEqual(hazards.map(() => ['held', running]))
  const said = second.commands(['restore', 'report', '--english'], ['ledger', 'rebuild', '--check'], ['ledger', 'verify'])
  expect(said).toContain('nothing that any phone knew is missing')
  expect(said).toContain('every row is what its facts say')
  expect(said).toContain('every link holds')
}, LONG_MS_MAX)

test('a phone enrolled by a new code before it hears of the restore keeps what it wrote under its two older enrolments', async () => {
  await enrolled()
  station.cli('backup', 'make', backups())
  await updateIdentity({ signed_out: true })
  await enrolled()
  const hazards = [await visit('早上的店')]
  await sender().wake('manual')
  await updateIdentity({ signed_out: true })
  await enrolled()
  hazards.push(await visit('中午的店'))
  await sender().wake('manual')

  await loseAndRestore()
  expect((await enrol(left.pop() ?? '')).ok).toBe(true)
  await untilQuiet()
  expect(senderNow()).toMatchObject({ phase: 'idle', problem: null, facts_left: 0, photos_left: 0 })
  expect((await withUser((db) => db.facts.toArray())).filter((fact) => fact.verdict?.startsWith('quarantined'))).toEqual([])
  expect((await Promise.all(hazards.map((hazard) => row('hazard', hazard)))).map((each) => each?.pending)).toEqual([undefined, undefined])
}, LONG_MS_MAX)

test('a station restored without its key is not believed; a new code makes the phone its own again, and nothing is lost', async () => {
  await enrolled()
  const hazards = [await visit('早上的店')]
  await sender().wake('manual')
  station.cli('backup', 'make', backups())
  hazards.push(await visit('中午的店'))
  await untilQuiet()
  const all = (await withUser((db) => db.facts.toArray())).map(({ id }) => id)

  await loseAndRestore([])
  hazards.push(await visit('傍晚的店'))
  await untilQuiet()
  // it says so and lets go of nothing, although the station has taken everything in
  expect((await logAlarm())?.kind).toBe('unsigned')
  expect(senderNow().problem?.words).toContain('登记码')
  expect(senderNow().facts_left).toBeGreaterThan(0)
  const done = await enrol(left.pop() ?? '')
  if (!done.ok) throw new Error(done.words)
  await untilQuiet()
  expect(senderNow()).toMatchObject({ phase: 'idle', problem: null, facts_left: 0, photos_left: 0 })
  expect(await logAlarm()).toBeNull()
  const facts = await withUser((db) => db.facts.toArray())
  expect(facts.filter((fact) => fact.verdict?.startsWith('quarantined'))).toEqual([])
  expect(facts.map(({ id }) => id)).toEqual(expect.arrayContaining(all))
  const rows = await Promise.all(hazards.map((hazard) => row('hazard', hazard)))
  expect(rows.map((each) => [each?.pending, each?.redacted])).toEqual(rows.map(() => [undefined, false]))
}, LONG_MS_MAX)
