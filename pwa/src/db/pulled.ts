// `gi-pulled`: pages of the station's log as they came, each with the station's signature, for the day the station is restored from
// a backup and lacks them. Bounded in days and bytes; loaded only when there is something to keep. It must not know what a fact says.

import { Dexie, type EntityTable } from 'dexie'
import type { PulledItem } from '../contract/wire'

export const PULLED_DB_NAME = 'gi-pulled'
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

class PulledDatabase extends Dexie {
  pages!: EntityTable<PulledPage, 'key'>
  bodies!: EntityTable<PulledBody, 'key'>

  constructor() {
    super(PULLED_DB_NAME, { chromeTransactionDurability: 'strict' })
    this.version(1).stores({ pages: 'key, epoch', bodies: 'key' })
  }
}

let database = new PulledDatabase()

/** For tests, as a new start of the app leaves it. */
export function startPulledOver(): void {
  database.close()
  database = new PulledDatabase()
}

export async function putPage(page: PulledPage, items: PulledItem[], outlived: (pages: readonly PulledPage[]) => string[]): Promise<void> {
  await database.transaction('rw', database.pages, database.bodies, async () => {
    await database.pages.put(page)
    await database.bodies.put({ key: page.key, items })
    const gone = outlived(await database.pages.toArray())
    await database.pages.bulkDelete(gone)
    await database.bodies.bulkDelete(gone)
  })
}

export async function pagesNotOf(epoch: number): Promise<PulledPage[]> {
  return (await database.pages.toArray()).filter((page) => page.epoch !== epoch && page.handed_to !== epoch)
}

export async function itemsOf(key: string): Promise<PulledItem[]> {
  return (await database.bodies.get(key))?.items ?? []
}

export async function noteHanded(keys: readonly string[], epoch: number): Promise<void> {
  await database.pages.where('key').anyOf([...keys]).modify({ handed_to: epoch })
}
