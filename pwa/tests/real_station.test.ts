// The phone's own code against the real station: gunicorn, SQLite, real signatures, no browser. What the fake station of the
// unit tests promises is proved here.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { JSDOM } from 'jsdom'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openDraft } from '../src/data/begin'
import { createSite } from './new_site'
import { listChecklists } from '../src/data/checklists'
import { newHazardDraft, useDraft } from '../src/data/drafts'
import { finishDraft } from '../src/data/finish'
import { remaining } from '../src/data/handover'
import { enrol } from '../src/data/enrol'
import { me } from '../src/data/identity'
import { addPhoto } from '../src/data/photos'
import { plug } from '../src/data/ports'
import { row, rowsOf } from '../src/data/rows'
import { senderNow } from '../src/data/sender_view'
import { seenHead, type Vouched } from '../src/data/witness'
import { withUser } from '../src/db/access'
import { uuid7 } from '../src/lib/uuid7'
import { claim } from '../src/transport/claim'
import { ask, setOrigin } from '../src/transport/client'
import { fetchPicture } from '../src/transport/pictures'
import { Sender } from '../src/transport/sender'
import { killBrowser, newPhone } from './phone'

const ROOT = resolve(__dirname, '../..')
const PYTHON = process.env.GI_PYTHON ?? (existsSync(join(ROOT, '.venv/bin/python')) ? join(ROOT, '.venv/bin/python') : 'python3')
const START_MS_MAX = 90_000
const data = mkdtempSync(join(tmpdir(), 'gi-real-'))
let server: ChildProcess
let env: NodeJS.ProcessEnv

const cli = (...words: string[]): string => execFileSync(PYTHON, ['-m', 'app.cli', ...words], { cwd: ROOT, env, encoding: 'utf-8' })
const sender = (): Sender => new Sender({ now: () => Date.now(), random: () => 0.5, setTimer: () => 0, clearTimer: () => undefined, hidden: () => false })

async function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => done(port))
    })
  })
}

beforeAll(async () => {
  const port = await freePort()
  env = { ...process.env, GI_DATA_DIR: data, GI_PORT: String(port), GI_HOST: '127.0.0.1', GI_WORKERS: '1', GI_THREADS: '8' }
  cli('migrate')
  cli('setup')
  cli('accounts', 'add', 'ana', '安娜', '--roles', 'inspector')
  server = spawn(PYTHON, ['-m', 'gunicorn', '--config', 'deploy/gunicorn.conf.py', 'wsgi:app'], { cwd: ROOT, env, stdio: 'ignore' })
  const origin = `http://127.0.0.1:${port}`
  setOrigin(origin)
  globalThis.XMLHttpRequest = new JSDOM('', { url: origin }).window.XMLHttpRequest as unknown as typeof XMLHttpRequest
  await answering(origin)
}, START_MS_MAX)

async function answering(origin: string): Promise<void> {
  for (const until = Date.now() + START_MS_MAX; Date.now() < until; ) {
    if (await fetch(`${origin}/healthz`).then((answer) => answer.ok, () => false)) return
    await new Promise((done) => setTimeout(done, 200))
  }
  throw new Error('the station does not answer')
}

afterAll(() => {
  server?.kill()
  rmSync(data, { recursive: true, force: true })
})

async function anasPhone(): Promise<void> {
  newPhone()
  plug({ claim, wake: () => undefined, picture: fetchPicture })
  const code = /\/enrol\/([\w-]+)/.exec(cli('accounts', 'enrol', 'ana'))?.[1] ?? ''
  const enrolled = await enrol(code)
  if (!enrolled.ok) throw new Error(enrolled.words)
  // A station still busy with its own start may say "later"; then the phone asks again, as its timer would.
  for (const until = Date.now() + START_MS_MAX / 2; Date.now() < until; ) {
    await sender().wake('launch')
    if ((await listChecklists(['餐饮(瓶装液化气)'])).length) return
    await new Promise((done) => setTimeout(done, 500))
  }
  throw new Error(`nothing came from the station: ${JSON.stringify(senderNow())}`)
}

beforeEach(anasPhone, START_MS_MAX)

async function visit(): Promise<{ site: string; inspection: string; hazard: string }> {
  const area = (await rowsOf('area'))[0]?.id ?? uuid7()
  const site = await createSite({ name: '老街川味馆', place_types: ['餐饮(瓶装液化气)'], area, owner_name: '张建国', owner_phone: '13812342210' })
  const [checklist] = await listChecklists(['餐饮(瓶装液化气)'])
  const opened = await openDraft(site, checklist?.id ?? '')
  if (!opened.ok) throw new Error(opened.words)
  const hazard = newHazardDraft({ item: 'LPG-13', finding: '软管长 2.3 米', measure: '换短', deadline: '2026-12-01', fix_owner: '张建国', category: '' })
  await useDraft(opened.value).change((draft) => {
    draft.answers['LPG-13'] = { item: 'LPG-13', value: 2.3, verdict: 'fail', source: 'measured' }
    draft.hazards = [hazard]
    draft.attendance = 'signed'
    draft.on_site_name = '张建国'
  })
  await addPhoto({ draft: opened.value, subject: hazard.id, role: 'before' }, new Blob([crypto.getRandomValues(new Uint8Array(60_000)), 'x'.repeat(900_000)]))
  const finished = await finishDraft(opened.value)
  if (!finished.ok) throw new Error(finished.words)
  return { site: site, inspection: opened.value, hazard: hazard.id }
}

test('a day made without signal arrives whole at the real station, with receipts for every fact and photo', async () => {
  const { site, inspection, hazard } = await visit()
  await sender().wake('manual')
  expect(senderNow()).toMatchObject({ phase: 'idle', problem: null, facts_left: 0, photos_left: 0 })
  const facts = await withUser((db) => db.facts.orderBy('n').toArray())
  expect(facts.map((fact) => [fact.state, fact.verdict?.startsWith('quarantined') ?? false])).toEqual(facts.map(() => ['receipted', false]))
  expect((await withUser((db) => db.photos.toArray())).map((photo) => photo.state)).toEqual(['held'])
  // the station's own rows, no longer the phone's overlay
  expect(await row('site', site)).toMatchObject({ name: '老街川味馆', state: 'active', initials: 'ljcwg' })
  expect((await row('inspection', inspection))?.pending).toBeUndefined()
  expect(await row('hazard', hazard)).toMatchObject({ state: 'submitted', finding: '软管长 2.3 米', photos: [{ role: 'before' }], number: expect.stringMatching(/\d/) })
  expect((await newestHead())?.size).toBeGreaterThan(4)
}, START_MS_MAX)

test('the same batch again, from a phone whose reply was lost, stores nothing twice and gets the same receipt', async () => {
  await visit()
  await sender().wake('manual')
  const [receipt] = await withUser((db) => db.receipts.toArray())
  // as if the phone had been killed between the answer and its own commit
  await withUser(async (db) => {
    await db.receipts.clear()
    await db.facts.toCollection().modify({ state: 'unsent', batch: null, log_size: null })
    await db.photos.toCollection().modify({ state: 'waiting', receipt: null })
    await db.outbox.bulkPut((await db.photos.toArray()).map((photo) => ({ key: `photo:${photo.sha256}`, kind: 'photo' as const, ref: photo.sha256, created_at: photo.at })))
    await db.outbox.bulkPut((await db.facts.toArray()).map((fact) => ({ key: `fact:${fact.id}`, kind: 'fact' as const, ref: fact.id, created_at: fact.at })))
  })
  killBrowser()
  await sender().wake('manual')
  expect(await remaining()).toMatchObject({ facts: 0, photos: 0 })
  expect((await withUser((db) => db.photos.toArray()))[0]?.receipt).toContain('"condition"')
  const [again] = await withUser((db) => db.receipts.toArray())
  expect(JSON.parse(again!.text)).toMatchObject({ manifest: (JSON.parse(receipt!.text) as { manifest: string }).manifest, log: (JSON.parse(receipt!.text) as { log: object }).log })
}, START_MS_MAX)

async function newestHead(): Promise<Vouched | null> {
  const epoch = (await me())?.epoch ?? 0
  return seenHead(epoch, epoch)
}

test('the witness finds the real log consistent as it grows', async () => {
  await visit()
  await sender().wake('manual')
  const before = await newestHead()
  await visit()
  await sender().wake('manual')
  const after = await newestHead()
  expect(after!.size).toBeGreaterThan(before!.size)
  expect(senderNow().problem).toBeNull()
  const proof = await ask({ method: 'GET', path: `/ledger/consistency?from=${before!.size}&to=${after!.size}`, token: (await me())?.token ?? null })
  expect(proof.kind).toBe('done')
}, START_MS_MAX)
