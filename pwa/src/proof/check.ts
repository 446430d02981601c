// Whether a proof file holds: every line against its hash, every hash against the station's signed log, every batch against its phone's
// key. The twin of app/ledger/proof.py, held to it by tests/vectors/proof.json. It must not ask anybody anything.

import { sha256Hex, utf8 } from '../lib/bytes'
import { leafHash, verifyInclusion } from '../lib/merkle'
import { signedBy } from '../lib/signature'

const FORMAT = 'grid-inspector/proof/1'
const CLAIM = 'enrolment.set'

export interface Entry {
  index: number
  sha256: string
  verdict: string
  received_at: string
  line: string
  path: string[]
}
interface Batch {
  batch: string
  enrolment: string
  sent_at: string
  n_max: number
  signature: string
  facts: string[]
}
export interface Head {
  size: number
  root: string
  time: string
  epoch: number
  signature: string
}
export interface SignedLog {
  format: string
  station: { id: string; code: string; name: string }
  server_key: string
  head: Head
}
export interface ProofFile extends SignedLog {
  about: { hazard?: string; number?: string }
  facts: string[]
  entries: Entry[]
  batches: Batch[]
}

export interface ProvedFact {
  entry: Entry
  kind: string
  /** what it says, as far as this page can read it */
  body: { [name: string]: unknown }
  at: string
  /** signed with the key of the phone it came from; false: written at the station */
  by_phone: boolean
}
export interface Checked {
  file: ProofFile | null
  facts: ProvedFact[]
  /** in words; empty when everything holds */
  wrong: string[]
}

const NO_FILE: Checked = { file: null, facts: [], wrong: ['这不是存证文件，请重新选'] }

/** `key`: the station's key as known from elsewhere; null: the one the file names, to be compared by eye. */
export async function checkProof(text: string, key: string | null = null): Promise<Checked> {
  try {
    const file = JSON.parse(text) as ProofFile
    if (file.format !== FORMAT || !file.head.root) return NO_FILE
    return await checked(file, key)
  } catch {
    return NO_FILE
  }
}

async function checked(file: ProofFile, key: string | null): Promise<Checked> {
  const wrong = await checkLog(file, key)
  const entries = new Map(file.entries.map((entry) => [entry.sha256, entry]))
  for (const entry of entries.values()) wrong.push(...(await checkEntry(entry, file.head)))
  const signed = await signedByPhones(file, entries, wrong)
  const facts = file.facts.map((hash) => proved(entries.get(hash), signed.has(hash)))
  if (facts.length === 0) wrong.push('文件里没有记录')
  return { file, facts, wrong }
}

export async function checkLog({ station, head, server_key }: SignedLog, key: string | null): Promise<string[]> {
  const signed = ['grid-inspector/head/1', station.id, head.epoch, head.size, head.root, head.time].join('\n')
  const wrong = key !== null && key !== server_key ? ['文件里的印记不是这个站的'] : []
  return (await signedBy(key ?? server_key, signed, head.signature)) ? wrong : [...wrong, '站里的签名对不上']
}

async function checkEntry(entry: Entry, head: Head): Promise<string[]> {
  const wrong = (await sha256Hex(entry.line)) === entry.sha256 ? [] : [`第 ${place(entry)} 条的内容被改过`]
  return (await standsIn(entry, head)) ? wrong : [...wrong, `第 ${place(entry)} 条不在站里的总账里，或者时间、结论被改过`]
}

/** Without the text: that something with this hash stands there. */
export async function standsIn({ index, sha256, verdict, received_at, path }: Omit<Entry, 'line'>, { size, root }: Head): Promise<boolean> {
  return verifyInclusion(await leafHash(utf8(`gi1\0${sha256}\0${verdict}\0${received_at}`)), index, size, path, root)
}

/** People count from one. */
export function place({ index }: Pick<Entry, 'index'>): number {
  return index + 1
}

interface Line {
  kind: string
  subject: string
  at: string
  body: { [name: string]: unknown }
}

/** A batch whose signature does not fit vouches for nothing. */
async function signedByPhones(file: ProofFile, entries: ReadonlyMap<string, Entry>, wrong: string[]): Promise<Set<string>> {
  const keys = phoneKeys([...entries.values()])
  const signed = new Set<string>()
  for (const { batch, enrolment, sent_at, n_max, signature, facts } of file.batches) {
    const manifest = await sha256Hex(facts.join('\n'))
    const text = ['grid-inspector/batch/1', file.station.id, batch, enrolment, sent_at, n_max, manifest].join('\n')
    if (await signedBy(keys.get(enrolment) ?? '', text, signature)) facts.forEach((hash) => signed.add(hash))
    else if (facts.some((hash) => entries.get(hash)?.verdict.startsWith('admitted'))) wrong.push('手机上交时的签名对不上')
  }
  return signed
}

function phoneKeys(entries: readonly Entry[]): Map<string, string> {
  const keys = new Map<string, string>()
  for (const entry of [...entries].sort((a, b) => a.index - b.index)) {
    const { kind, subject, body } = lineOf(entry)
    if (kind === CLAIM && typeof body['public_key'] === 'string' && !keys.has(subject)) keys.set(subject, body['public_key'])
  }
  return keys
}

function lineOf({ line }: Entry): Line {
  try {
    const { kind, subject, at, body } = JSON.parse(line) as Partial<Line>
    return { kind: kind ?? '', subject: subject ?? '', at: at ?? '', body: body ?? {} }
  } catch {
    return { kind: '', subject: '', at: '', body: {} }
  }
}

function proved(entry: Entry | undefined, by_phone: boolean): ProvedFact {
  if (!entry) throw new Error('a fact that is not in the file')
  const { kind, at, body } = lineOf(entry)
  return { entry, kind, body, at, by_phone }
}

/** A key as people compare it: the first half of its hash, in fours. */
export async function keyMark(key: string): Promise<string> {
  return ((await sha256Hex(key)).slice(0, 16).toUpperCase().match(/.{4}/g) ?? []).join(' ')
}
