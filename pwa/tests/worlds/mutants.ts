// Deliberate bugs in the phone's code, one per patch: what the worlds are worth is how many of them they catch.
// `node pwa/tests/worlds/mutants.ts [name ...]` tries one at a time in a copy of pwa/src. A patch begins with a sentence that says
// what is wrong, then `station: phones`, or where worlds see a bug too rarely, the test that must fail: `caught by: file::its name`.
// One that no longer applies is a failure: the code moved on and the bug must follow.

import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { phoneCode, type PhoneCode } from './bundle.ts'
import { Station } from './station.ts'
import { runWorld } from './world.ts'

const HERE = fileURLToPath(new URL('mutants', import.meta.url))
const ROOT = resolve(HERE, '../../../..')
const PWA = join(ROOT, 'pwa')
const LEFT_OUT = new Set(['node_modules', 'dist', 'e2e'])
const BY_TEST = 'caught by: '
/** most show within the first dozen */
const SEEDS_MAX = 60

export const mutants: readonly string[] = readdirSync(HERE).filter((file) => file.endsWith('.patch')).map((file) => file.slice(0, -'.patch'.length)).sort()

const patchOf = (name: string): string => join(HERE, `${name}.patch`)

/** The two heading lines: what is wrong, and whose worlds or which test must notice. */
export function heading(name: string): [string, string] {
  const [why = '', by = ''] = readFileSync(patchOf(name), 'utf-8').split('\n')
  return [why, by]
}

/** Why a patch does not fit the tree any more; empty when it does. */
export function patchFault(name: string): string {
  return spawnSync('git', ['apply', '--check', '--whitespace=nowarn', patchOf(name)], { cwd: ROOT, encoding: 'utf-8' }).stderr.trim()
}

/** The first violation told, with its seed, or the test that failed; null when the bug lives. */
export function caught(name: string, station: Station): Promise<string | null> {
  return withBug(name, async (pwa) => {
    const [, by] = heading(name)
    return by.startsWith(BY_TEST) ? failed(pwa, by.slice(BY_TEST.length)) : await seen(name, await phoneCode(join(pwa, 'src')), station)
  })
}

/** Gives a copy of the phone's code with this bug in it, which goes away afterwards. */
export async function withBug<T>(name: string, use: (pwa: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'gi-mutant-'))
  try {
    const pwa = join(folder, 'pwa')
    cpSync(PWA, pwa, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) })
    symlinkSync(join(PWA, 'node_modules'), join(pwa, 'node_modules'))
    execFileSync('git', ['apply', '--whitespace=nowarn', patchOf(name)], { cwd: folder, env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() } })
    return await use(pwa)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function seen(name: string, code: PhoneCode, station: Station): Promise<string | null> {
  for (let seed = 0; seed < SEEDS_MAX; seed++) {
    const { wrongs } = await runWorld(seed, station, code, name)
    if (wrongs.length > 0) return `seed ${seed}: ${wrongs[0]?.split('\n')[0] ?? ''}`
  }
  return null
}

/** Only a test that failed counts; one that could not run at all proves nothing. */
function failed(pwa: string, test: string): string | null {
  const [file = '', words = ''] = test.split('::')
  const run = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', file, '-t', words], { cwd: pwa, encoding: 'utf-8', env: { ...process.env, NO_COLOR: '1' } })
  return /Tests +1 failed/.test(run.stdout) ? `its test: ${test}` : null
}

async function main(wanted: readonly string[]): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)) // the station ends with it
  let alive = 0
  let station = new Station()
  try {
    for (const name of mutants.filter((each) => wanted.length === 0 || wanted.includes(each))) {
      station.close()
      station = new Station()
      await station.open()
      const fault = patchFault(name)
      const how = fault === '' ? await caught(name, station) : null
      if (how === null) alive += 1
      process.stdout.write(`${fault ? 'NO PATCH' : how ? 'caught  ' : 'ALIVE   '} ${name}: ${(fault || how) ?? heading(name)[0]}\n`)
    }
  } finally {
    station.close()
  }
  return alive > 0 ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2))
