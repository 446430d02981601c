// 下村前检查: everything a day without signal needs, looked at for real and told one by one with its remedy.
// It must not decide what may be recorded: that is the platform's (platform.ts); here nothing is blocked.

import { withUser } from '../db/access'
import { CACHE_PREFIX } from '../lib/app_address'
import { now } from '../lib/time'
import { remaining } from './handover'
import { me, pinWanted } from './identity'
import { cacheMarks } from './rows'
import type { Json } from '../contract/wire'

export type Permission = 'granted' | 'prompt' | 'denied' | 'unknown'

/** What was found; the words follow from it (readyItems). */
export interface ReadyFacts {
  /** files of the app kept for being offline, and how many there are; null: no service worker answers */
  shell: { kept: number; wanted: number } | null
  room: 'ok' | 'full' | 'fails'
  persisted: boolean | null
  camera: Permission
  position: Permission
  offset_ms: number | null
  /** when the station's rows were fetched last */
  as_of: string | null
  unsent: { inspections: number; facts: number; photos: number }
  /** a PIN is asked for at the start */
  pin: boolean
}

export interface ReadyItem {
  /** can be tried on the spot (tryNow) */
  untried?: boolean
  id: 'shell' | 'room' | 'persisted' | 'camera' | 'position' | 'clock' | 'fresh' | 'unsent' | 'pin'
  ok: boolean
  words: string
  remedy: string
}

export const PROBE_BYTES = 5 * 1024 * 1024
export const CLOCK_OFF_MS_MAX = 2 * 60_000
export const FRESH_HOURS_MAX = 24
const HOUR_MS = 3_600_000
const ANSWER_MS_MAX = 3000
const POSITION_MS_MAX = 10_000
const RANDOM_BYTES_MAX = 65_536
const PROBE_DB = 'gi-probe'

// ---- in words ----------------------------------------------------------------------------------

export function readyItems(facts: ReadyFacts, at: number): ReadyItem[] {
  return [shell(facts), room(facts), persisted(facts), camera(facts), position(facts), clock(facts), fresh(facts, at), unsent(facts), pin(facts)]
}

const good = (id: ReadyItem['id'], words: string): ReadyItem => ({ id, ok: true, words, remedy: '' })
const bad = (id: ReadyItem['id'], words: string, remedy: string): ReadyItem => ({ id, ok: false, words, remedy })

function shell({ shell: found }: ReadyFacts): ReadyItem {
  if (found && found.kept >= found.wanted) return good('shell', '断网也能打开')
  return bad('shell', found ? `断网打开还差 ${found.wanted - found.kept} 个文件` : '断网还打不开', '有信号时让网格安检开着，过一会儿再来看')
}

function room({ room: found }: ReadyFacts): ReadyItem {
  if (found === 'ok') return good('room', '存得进，读得出')
  return found === 'full'
    ? bad('room', '手机快存满了', '先删些不要的视频和照片，再下村')
    : bad('room', '这个浏览器存不住东西', '别用无痕窗口，换手机自带的浏览器打开')
}

function persisted({ persisted: found }: ReadyFacts): ReadyItem {
  if (found) return good('persisted', '存的东西不会被手机清掉')
  // null: a browser that cannot be asked has promised nothing
  return bad('persisted', found === null ? '这个浏览器不说存的东西会不会被清掉' : '手机快满时，存的东西可能被清掉', '放到主屏幕，从主屏幕打开；每天上交')
}

function camera({ camera: found }: ReadyFacts): ReadyItem {
  if (found === 'granted') return good('camera', '能用相机')
  return found === 'denied'
    ? bad('camera', '相机没允许', '在浏览器的网站设置里允许相机；也可以从相册选照片')
    : { ...bad('camera', '相机还没试过', '现在试一下，问到时选“允许”'), untried: true }
}

function position({ position: found }: ReadyFacts): ReadyItem {
  if (found === 'granted') return good('position', '能取位置')
  return found === 'denied'
    ? bad('position', '位置没允许', '在浏览器的网站设置里允许位置；取不到照样能查')
    : { ...bad('position', '位置还没试过', '现在试一下，问到时选“允许”'), untried: true }
}

function clock({ offset_ms }: ReadyFacts): ReadyItem {
  if (offset_ms === null) return bad('clock', '时间还没和站里对过', '有信号时会自己对，过一会儿再来看')
  if (Math.abs(offset_ms) < CLOCK_OFF_MS_MAX) return good('clock', '手机时间和站里一致')
  const minutes = Math.round(offset_ms / 60_000)
  return bad('clock', `手机时间${minutes > 0 ? '快' : '慢'} ${spell(Math.abs(minutes))}`, '在手机设置里打开“自动设置时间”；不影响记录')
}

/** Three days are no 4,320 minutes. */
function spell(minutes: number): string {
  if (minutes < 60) return `${minutes} 分钟`
  return minutes < 60 * 48 ? `${Math.round(minutes / 60)} 小时` : `${Math.round(minutes / 1440)} 天`
}

function fresh({ as_of }: ReadyFacts, at: number): ReadyItem {
  const remedy = '有信号时打开“今天”，会自己更新'
  if (as_of === null) return bad('fresh', '还没从站里取到名单', remedy)
  const hours = Math.floor((at - Date.parse(as_of)) / HOUR_MS)
  if (hours < FRESH_HOURS_MAX) return good('fresh', '名单是新的')
  return bad('fresh', `名单是 ${Math.floor(hours / 24)} 天前取的`, remedy)
}

function unsent({ unsent: { inspections, facts, photos } }: ReadyFacts): ReadyItem {
  if (facts + photos === 0) return good('unsent', '都交上去了')
  const records = inspections ? `${inspections} 份检查` : facts ? `${facts} 条记录` : ''
  const left = [records, photos ? `${photos} 张照片` : ''].filter(Boolean).join('、')
  return bad('unsent', `还有 ${left}没交`, '有信号时先交上去，再下村')
}

function pin({ pin: set }: ReadyFacts): ReadyItem {
  return set ? good('pin', '打开要输 PIN') : bad('pin', '还没设 PIN，别人拿起手机就能看', '设一个，忘了也不丢记录')
}

// ---- looked at ---------------------------------------------------------------------------------

export async function readiness(): Promise<ReadyItem[]> {
  const [identity, marks, left, pin] = await Promise.all([me(), cacheMarks(), remaining(), pinWanted()])
  const facts: ReadyFacts = {
    shell: await keptFiles(), room: await roomFound(), persisted: (await navigator.storage?.persisted?.().catch(() => null)) ?? null,
    camera: await permission('camera', navigator.mediaDevices?.getUserMedia !== undefined), position: await permission('geolocation', navigator.geolocation !== undefined),
    offset_ms: identity?.offset_ms ?? null, as_of: marks.as_of, unsent: left, pin,
  }
  return readyItems(facts, now().getTime())
}

/** The running service worker names its version; its cache is counted, not trusted. */
async function keptFiles(): Promise<ReadyFacts['shell']> {
  const worker = navigator.serviceWorker?.controller
  if (!worker) return null
  const told = await new Promise<{ version: string; files: number } | null>((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }: MessageEvent<{ version: string; files: number }>): void => resolve(data)
    setTimeout(() => resolve(null), ANSWER_MS_MAX)
    worker.postMessage('which-version', [port2])
  })
  if (!told) return null
  const kept = await (await caches.open(CACHE_PREFIX + told.version)).keys()
  return { kept: kept.length, wanted: told.files }
}

/** What a few photos take is written, read back and compared, in a database of its own that goes away again. */
async function roomFound(): Promise<ReadyFacts['room']> {
  const written = randomBytes(PROBE_BYTES)
  try {
    const read = await writtenAndRead(written.buffer)
    return read && sameBytes(new Uint8Array(read), written) && (await settingKept()) ? 'ok' : 'fails'
  } catch (error) {
    return (error as DOMException | null)?.name === 'QuotaExceededError' ? 'full' : 'fails'
  } finally {
    indexedDB.deleteDatabase(PROBE_DB)
  }
}

/** As photos are: nothing a browser could make smaller. */
export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  for (let from = 0; from < size; from += RANDOM_BYTES_MAX) crypto.getRandomValues(bytes.subarray(from, from + RANDOM_BYTES_MAX))
  return bytes
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, place) => byte === other[place])
}

export function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = (): void => resolve(request.result)
    request.onerror = (): void => reject(request.error ?? new Error('no answer'))
  })
}

async function writtenAndRead(bytes: ArrayBuffer): Promise<ArrayBuffer | undefined> {
  const opening = indexedDB.open(PROBE_DB, 1)
  opening.onupgradeneeded = (): unknown => opening.result.createObjectStore('probe')
  const database = await asked(opening)
  try {
    const writing = database.transaction('probe', 'readwrite')
    writing.objectStore('probe').put(bytes, 'probe')
    await new Promise<void>((resolve, reject) => {
      writing.oncomplete = (): void => resolve()
      writing.onabort = (): void => reject(writing.error ?? new Error('aborted'))
    })
    return (await asked(database.transaction('probe').objectStore('probe').get('probe'))) as ArrayBuffer | undefined
  } finally {
    database.close()
  }
}

/** And where the day's work goes, too. */
async function settingKept(): Promise<boolean> {
  const value = String(Math.random()) as Json
  await withUser((db) => db.settings.put({ name: 'storage-probe', value: value as never }))
  return (await withUser((db) => db.settings.get('storage-probe')))?.value === value
}

/** Asks for it now, in the office, and lets go at once: the question must not come up first in a kitchen. */
export async function tryNow(id: 'camera' | 'position'): Promise<void> {
  if (id === 'camera') {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true }).catch(() => null)
    stream?.getTracks().forEach((track) => track.stop())
    return
  }
  await new Promise<void>((resolve) => navigator.geolocation.getCurrentPosition(() => resolve(), () => resolve(), { timeout: POSITION_MS_MAX }))
}

async function permission(name: 'camera' | 'geolocation', there: boolean): Promise<Permission> {
  if (!there) return 'denied'
  const found = await navigator.permissions?.query({ name: name as PermissionName }).catch(() => null)
  return found?.state ?? 'unknown'
}
