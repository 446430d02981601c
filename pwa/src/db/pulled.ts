// `gi-pulled`: pages of the station's log as they came, each with the station's signature, for the day the station is restored from
// a backup and lacks them. Bounded in days and bytes; loaded only when there is something to keep. It must not know what a fact says.

import { Dexie, type EntityTable } from 'dexie'
import type { PulledItem } from '../contract/wire'
import { PULLED_DB_NAME, nameHere } from './space'

export const PULLED_BYTES_MAX = 20 * 1024 * 1024
/** what a backup covers is kept a little longer: the newest backup may turn out to be the one that cannot be read */
export const COVERED_KEPT_DAYS = 7
export const PULLED_KEPT_DAYS = 30

export interface PulledPage {
  /** epoch, first and last place: the same page twice is kept once */
  key: string
  epoch: number
  from: number
  to: number
  signature: string
  bytes: number
  kept_at: string
  /** days counted when it was kept (data/days.ts); absent: before there was a count */
  kept_day?: number
  /** closed by the station for itself alone */
  entrusted?: string
  /** the epoch to which it was handed back */
  handed_to: number | null
}

interface PulledBody {
  key: string
  items: PulledItem[]
}

export class PulledDatabase extends Dexie {
  pages!: EntityTable<PulledPage, 'key'>
  bodies!: EntityTable<PulledBody, 'key'>

  constructor(name = nameHere(PULLED_DB_NAME)) {
    super(name, { chromeTransactionDurability: 'strict' })
    this.version(1).stores({ pages: 'key, epoch', bodies: 'key' })
  }
}

let opened: PulledDatabase | null = null

/** Made when it is first asked for: by then it is known whose it is. */
function mine(): PulledDatabase {
  opened ??= new PulledDatabase()
  return opened
}

/** For tests, as a new start of the app leaves it. */
export function startPulledOver(): void {
  opened?.close()
  opened = null
}

export async function putPage(page: PulledPage, items: PulledItem[], outlived: (pages: readonly PulledPage[]) => string[]): Promise<void> {
  await mine().transaction('rw', mine().pages, mine().bodies, async () => {
    await mine().pages.put(page)
    await mine().bodies.put({ key: page.key, items })
    const gone = outlived(await mine().pages.toArray())
    await mine().pages.bulkDelete(gone)
    await mine().bodies.bulkDelete(gone)
  })
}

export async function pagesNotOf(epoch: number): Promise<PulledPage[]> {
  return (await mine().pages.toArray()).filter((page) => page.epoch !== epoch && page.handed_to !== epoch)
}

export async function itemsOf(key: string): Promise<PulledItem[]> {
  return (await mine().bodies.get(key))?.items ?? []
}

export async function noteHanded(keys: readonly string[], epoch: number): Promise<void> {
  await mine().pages.where('key').anyOf([...keys]).modify({ handed_to: epoch })
}
