// The real station for all worlds of a run: gunicorn over SQLite on a port of its own, an admin at the desk, and the ledger's
// tables to compare with. Each world gets accounts and sites of its own. It must not know what the phones do.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createHash, createPublicKey, randomUUID, verify, type KeyObject } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

const ROOT = resolve(fileURLToPath(new URL('../../..', import.meta.url)))
const PYTHON = process.env.GI_PYTHON ?? (existsSync(join(ROOT, '.venv/bin/python')) ? join(ROOT, '.venv/bin/python') : 'python3')
const MEMORY = '/dev/shm'
const START_MS_MAX = 90_000
const PASSWORD = 'Shan-Hou-You-99'

export interface LedgerFact {
  id: string
  sha256: string
  line: string
  private_line: string | null
  enrolment: string | null
  n: number | null
  index: number
  verdict: string
}

export type Subject = 'hazard' | 'inspection' | 'account' | 'site'

export interface Desk {
  id: string
  kind: string
  subject: string
  after: string[]
  body: object
  private?: object
}

export class Station {
  readonly agent = new Agent({ keepAlive: true, maxSockets: 4 })
  origin = ''
  private readonly data = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'gi-phones-'))
  private env: NodeJS.ProcessEnv = {}
  private server: ChildProcess | null = null
  private ledger: DatabaseSync | null = null
  private session = { cookie: '', csrf: '' }
  private key: KeyObject | null = null

  async open(): Promise<void> {
    const port = await freePort()
    this.origin = `http://127.0.0.1:${port}`
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GI_') && name !== 'DATABASE_URL'))
    this.env = {
      ...clean, GI_DATA_DIR: this.data, GI_PORT: String(port), GI_HOST: '127.0.0.1', GI_WORKERS: '1', GI_THREADS: '8', GI_JOBS_IN_PROCESS: '0',
      GI_DISK_FREE_MB_MIN: '0',
    }
    process.once('exit', this.close)
    this.cli('migrate')
    const token = /password\/([\w-]+)/.exec(this.cli('setup'))?.[1] ?? ''
    this.server = spawn(PYTHON, ['-m', 'gunicorn', '--config', 'deploy/gunicorn.conf.py', 'wsgi:app'], { cwd: ROOT, env: this.env, stdio: 'ignore', detached: true })
    await this.answering()
    await this.post('/passwords', { token, password: PASSWORD })
    const { headers, body } = await this.post('/session', { login: 'admin', password: PASSWORD })
    this.session = { cookie: headers.getSetCookie()[0]?.split(';')[0] ?? '', csrf: (body as { csrf: string }).csrf }
    this.ledger = new DatabaseSync(join(this.data, 'station.db'), { readOnly: true })
  }

  close = (): void => {
    process.off('exit', this.close)
    this.ledger?.close()
    this.ledger = null
    this.agent.destroy()
    // its workers too, and at once: what they still write would outlive the folder
    if (this.server?.pid) process.kill(-this.server.pid, 'SIGKILL')
    this.server = null
    rmSync(this.data, { recursive: true, force: true })
  }

  private cli(...words: string[]): string {
    return execFileSync(PYTHON, ['-m', 'app.cli', ...words], { cwd: ROOT, env: this.env, encoding: 'utf-8' })
  }

  private async answering(): Promise<void> {
    for (const until = Date.now() + START_MS_MAX; Date.now() < until; ) {
      if (await fetch(`${this.origin}/readyz`).then((answer) => answer.ok, () => false)) return
      await new Promise((done) => setTimeout(done, 100))
    }
    throw new Error('the station does not answer')
  }

  // ---- the desk ------------------------------------------------------------------------------------

  private async post(path: string, value: object): Promise<{ headers: Headers; body: unknown }> {
    const answer = await fetch(`${this.origin}/api/v1${path}`, {
      method: 'POST', body: JSON.stringify(value),
      headers: { 'Content-Type': 'application/json', ...(this.session.cookie ? { Cookie: this.session.cookie, 'X-CSRF': this.session.csrf } : {}) },
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return { headers: answer.headers, body: await answer.json().catch(() => null) }
  }

  async decide(facts: readonly Desk[]): Promise<void> {
    await this.post('/decisions', { facts })
  }

  /** What the chief sees now is what the chief decides on; a step that is impossible meanwhile is not taken. */
  async decideAbout(table: Subject, id: string, kind: string, body: object): Promise<boolean> {
    const row = this.row(table, id)
    if (!row) return false
    return this.decide([{ id: randomUUID(), kind, subject: id, after: row.heads, body }]).then(() => true, () => false)
  }

  async code(account: string): Promise<string> {
    return ((await this.post('/enrolments', { account })).body as { code: string }).code
  }

  async revoke(enrolment: string): Promise<void> {
    await this.post(`/enrolments/${enrolment}/revocation`, {})
  }

  async photo(sha256: string): Promise<Buffer | null> {
    const answer = await fetch(`${this.origin}/api/v1/photos/${sha256}/original`, { headers: { Cookie: this.session.cookie } })
    return answer.ok ? Buffer.from(await answer.arrayBuffer()) : null
  }

  // ---- the ledger's own tables -----------------------------------------------------------------------

  private all<T>(query: string, ...values: string[]): T[] {
    return (this.ledger as DatabaseSync).prepare(query).all(...values) as T[]
  }

  factsOf(accounts: readonly string[]): LedgerFact[] {
    const marks = accounts.map(() => '?').join(', ')
    const found = this.all<{ fact_id: string; sha256: string; bytes: Uint8Array; own: Uint8Array | null; enrolment_id: string; n: number; idx: number; verdict: string }>(
      'SELECT f.fact_id, f.sha256, f.bytes, p.bytes AS own, f.enrolment_id, f.n, l.idx, l.verdict FROM fact f JOIN log_entry l ON l.fact_seq = f.seq ' +
        `LEFT JOIN private_line p ON p.fact_sha256 = f.sha256 WHERE f.author_id IN (${marks}) ORDER BY l.idx`, ...accounts)
    return found.map((each) => ({
      id: each.fact_id, sha256: each.sha256, line: Buffer.from(each.bytes).toString('utf8'), private_line: each.own && Buffer.from(each.own).toString('utf8'),
      enrolment: each.enrolment_id, n: each.n, index: each.idx, verdict: each.verdict,
    }))
  }

  has(sha256: string): boolean {
    return this.all('SELECT 1 FROM fact WHERE sha256 = ?', sha256).length === 1
  }

  holds(photo: string): boolean {
    return this.all("SELECT 1 FROM photo WHERE sha256 = ? AND state = 'held'", photo).length === 1
  }

  row(table: Subject, id: string): { heads: string[]; state: string } | null {
    const [found] = this.all<{ row: string }>(`SELECT "row" FROM ${table} WHERE id = ?`, id)
    return found ? (JSON.parse(found.row) as { heads: string[]; state: string }) : null
  }

  enrolment(id: string): { n_announced: number; n_received: number } | null {
    return this.all<{ n_announced: number; n_received: number }>('SELECT n_announced, n_received FROM enrolment WHERE enrolment_id = ?', id)[0] ?? null
  }

  // ---- signatures, checked with other code than the phone's ------------------------------------------

  knowKey(point: string): void {
    const raw = Buffer.from(point, 'base64url')
    const jwk = { kty: 'EC', crv: 'P-256', x: raw.subarray(1, 33).toString('base64url'), y: raw.subarray(33).toString('base64url') }
    this.key = createPublicKey({ key: jwk, format: 'jwk' })
  }

  signed(kind: 'receipt' | 'photo', text: string, signature: string): boolean {
    const said = Buffer.from(`grid-inspector/${kind}/1\n${text}`)
    return this.key !== null && verify('sha256', said, { key: this.key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
  }
}

export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => done(port))
    })
  })
}
