// The real station for the phone's own code: migrated, set up, served by gunicorn on a folder of its own. It must not know what is tested.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { JSDOM } from 'jsdom'
import { setOrigin } from '../src/transport/client'

const ROOT = resolve(__dirname, '../..')
const PYTHON = process.env.GI_PYTHON ?? (existsSync(join(ROOT, '.venv/bin/python')) ? join(ROOT, '.venv/bin/python') : 'python3')
export const START_MS_MAX = 90_000

async function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => done(port))
    })
  })
}

export class RealServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'gi-real-'))
  readonly data = join(this.folder, 'data')
  private process: ChildProcess | null = null
  private readonly env: NodeJS.ProcessEnv = { ...process.env, GI_DATA_DIR: this.data, GI_HOST: '127.0.0.1', GI_WORKERS: '1', GI_THREADS: '8' }

  cli(...words: string[]): string {
    return execFileSync(PYTHON, ['-m', 'app.cli', ...words], { cwd: ROOT, env: this.env, encoding: 'utf-8' })
  }

  /** Several commands in one process, for starting it costs more than most of them; what they said, together. */
  commands(...words: string[][]): string {
    const script = 'import json,sys; from app.cli.__main__ import main; sys.exit(max([main(words) for words in json.loads(sys.argv[1])]))'
    return execFileSync(PYTHON, ['-c', script, JSON.stringify(words)], { cwd: ROOT, env: this.env, encoding: 'utf-8' })
  }

  code(login: string): string {
    return /\/enrol\/([\w-]+)/.exec(this.cli('accounts', 'enrol', login))?.[1] ?? ''
  }

  /** Serves what lies in its folder, and points the phone's requests at it. */
  async serve(): Promise<void> {
    const port = await freePort()
    this.process = spawn(PYTHON, ['-m', 'gunicorn', '--config', 'deploy/gunicorn.conf.py', 'wsgi:app'], {
      cwd: ROOT, env: { ...this.env, GI_PORT: String(port) }, stdio: 'ignore',
    })
    const origin = `http://127.0.0.1:${port}`
    setOrigin(origin)
    globalThis.XMLHttpRequest = new JSDOM('', { url: origin }).window.XMLHttpRequest as unknown as typeof XMLHttpRequest
    for (const until = Date.now() + START_MS_MAX; Date.now() < until; ) {
      if (await fetch(`${origin}/healthz`).then((answer) => answer.ok, () => false)) return
      await new Promise((done) => setTimeout(done, 200))
    }
    throw new Error('the station does not answer')
  }

  /** The machine is gone, at once. */
  async lose(): Promise<void> {
    const running = this.process
    this.process = null
    if (running === null || running.exitCode !== null) return
    const gone = new Promise((done) => running.once('exit', done))
    running.kill()
    await gone
  }

  async remove(): Promise<void> {
    await this.lose()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
