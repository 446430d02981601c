// The public page 存证核对: opens a proof file, or asks this station about the code on a paper, and says in plain words what holds.
// Everything is checked in this browser; a file never leaves it. It must not need a session, nor show what a file does not hold.

import { KIND_NAMES } from '../contract/kinds'
import '../ui/tokens.css'
import './page.css'
import { checkLog, checkProof, keyMark, place, standsIn, type Checked, type Entry, type ProvedFact, type SignedLog } from './check'

const MINUTE = new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', year: 'numeric', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false })
const API = '/api/v1/proofs'
const HASH = /^#?([0-9a-f]{64})$/

const LEAD = '一条记录交到站里以后，有没有被人改过，谁都可以在这里核对。核对在这台机器上做，文件不会传出去。'

type Child = HTMLElement | string

function el(tag: string, attributes: { [name: string]: string } = {}, ...children: Child[]): HTMLElement {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

const result = el('section', { 'aria-live': 'polite' })

function show(...children: Child[]): void {
  result.replaceChildren(...children)
  result.scrollIntoView({ block: 'nearest' })
}

function verdict(good: boolean, title: string, ...lines: string[]): HTMLElement {
  return el('div', { class: `verdict ${good ? 'good' : 'bad'}` }, el('h2', {}, title), ...lines.map((line) => el('p', {}, line)))
}

function when(instant: string): string {
  const at = new Date(instant)
  return Number.isNaN(at.getTime()) ? instant : MINUTE.format(at)
}

// ---- a file ------------------------------------------------------------------------------------

async function checkText(text: string): Promise<void> {
  show(el('p', { class: 'dim' }, '正在核对…'))
  const own = await stationKey()
  const alone = await checkProof(text)
  // another station's file is checked with the key it names: that one the person compares
  const known = alone.file && own?.station.id === alone.file.station.id ? own.server_key : null
  const checked = known === null ? alone : await checkProof(text, known)
  show(...(await told(checked, known !== null)))
}

async function told({ file, facts, wrong }: Checked, ours: boolean): Promise<Child[]> {
  if (wrong.length > 0 || !file) return [verdict(false, file ? '对不上，有改动' : '看不了这个文件', ...wrong)]
  const about = file.about.number ? `${file.about.number}，` : ''
  const mark = await keyMark(file.server_key)
  return [
    verdict(
      true, '核对过了，没有改过',
      `${file.station.name}，${about}共 ${facts.length} 条记录，都在站里的总账里，内容和时间与收到时一样。`,
      `总账记到第 ${file.head.size} 条，站里于 ${when(file.head.time)} 签字。`,
    ),
    el('p', { class: ours ? 'mark' : 'mark look' }, ours ? `印记 ${mark}，和本站的一致。` : `印记 ${mark}。请和站里公布的印记比一比，一样才算数。`),
    el('ol', { class: 'facts' }, ...facts.map(factRow)),
    el('p', { class: 'dim' }, '姓名和电话不在存证文件里。'),
  ]
}

function factRow(fact: ProvedFact): HTMLElement {
  const words = ['finding', 'text', 'note', 'reason'].map((name) => fact.body[name]).find((value) => typeof value === 'string' && value !== '')
  const parts: Child[] = [
    el('p', {}, el('b', {}, KIND_NAMES[fact.kind as keyof typeof KIND_NAMES] ?? '记录'), ` ${when(fact.entry.received_at)} 收到`),
    ...(typeof words === 'string' ? [el('p', {}, words)] : []),
    el('p', { class: 'dim' }, `总账第 ${place(fact.entry)} 条 · ${fact.by_phone ? '手机签过名' : '在站里录的'}${fact.entry.verdict.startsWith('admitted') ? '' : ' · 收着，没有并入台账'}`),
  ]
  return el('li', {}, ...parts)
}

// ---- a paper's code ----------------------------------------------------------------------------

type Told = SignedLog & { entry: Omit<Entry, 'line'> }

async function asked<T>(path: string): Promise<T | 'unknown' | null> {
  try {
    const response = await fetch(`${API}/${path}`, { headers: { Accept: 'application/json' }, cache: 'no-store' })
    if (response.status === 404) return 'unknown'
    return response.ok ? ((await response.json()) as T) : null
  } catch {
    return null
  }
}

let key: Promise<SignedLog | 'unknown' | null> | null = null

async function stationKey(): Promise<SignedLog | null> {
  key ??= asked<SignedLog>('station')
  const found = await key
  if (found === null) key = null // no line just now; asked again with the next file
  return found === 'unknown' ? null : found
}

async function checkHash(hash: string): Promise<void> {
  show(el('p', { class: 'dim' }, '正在问站里…'))
  const found = await asked<Told>(hash)
  if (found === null) return show(verdict(false, '现在问不到站里', '请连上网再试一次。'))
  if (found === 'unknown') return show(verdict(false, '站里没有这条记录', '纸上的码可能印错了，或者不是这个站的。'))
  const wrong = await checkLog(found, null)
  const good = wrong.length === 0 && found.entry.sha256 === hash && (await standsIn(found.entry, found.head))
  if (!good) return show(verdict(false, '对不上', ...wrong, '站里给的凭据和总账不一致。'))
  show(
    verdict(
      true, '站里有这条记录，没有改过',
      `${found.station.name}，总账第 ${place(found.entry)} 条，${when(found.entry.received_at)} 收到。`,
      '内容要核对的，请向站里要这条隐患的存证文件，在上面打开。',
    ),
    el('p', { class: 'mark' }, `印记 ${await keyMark(found.server_key)}`),
  )
}

// ---- the page ----------------------------------------------------------------------------------

function filePicker(): HTMLElement {
  const input = el('input', { type: 'file', accept: '.json,application/json', id: 'file' }) as HTMLInputElement
  input.addEventListener('change', () => {
    const [file] = input.files ?? []
    if (file) void file.text().then(checkText, () => checkText(''))
    input.value = ''
  })
  return el('div', { class: 'pick' }, el('label', { for: 'file', class: 'button' }, '打开存证文件'), input)
}

function pasting(): HTMLElement {
  const area = el('textarea', { rows: '4', 'aria-label': '粘贴存证文件的内容，或纸上的码', placeholder: '粘贴存证文件的内容，或纸上的码' }) as HTMLTextAreaElement
  const button = el('button', { type: 'button', class: 'quiet' }, '核对')
  button.addEventListener('click', () => {
    const text = area.value.trim()
    const hash = HASH.exec(text)?.[1]
    void (hash ? checkHash(hash) : checkText(text))
  })
  return el('details', {}, el('summary', {}, '没有文件，粘贴内容或码'), area, button)
}

function fromAddress(): void {
  const hash = HASH.exec(location.hash)?.[1]
  if (hash) void checkHash(hash)
}

document.getElementById('app')?.append(el('main', {}, el('h1', {}, '存证核对'), el('p', { class: 'lead' }, LEAD), filePicker(), pasting(), result))
window.addEventListener('hashchange', fromAddress)
fromAddress()
