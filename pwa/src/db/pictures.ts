// `gi-pictures`: pictures of photos that other phones took, fetched from the station to be looked at. All of it can be
// thrown away at any time, so every write is relaxed and bounded. Nothing a person recorded here is ever in it.

import { Dexie, type EntityTable } from 'dexie'
import { PICTURES_DB_NAME, nameHere } from './space'

export const PICTURES_BYTES_MAX = 12 * 1024 * 1024

export interface PictureRecord {
  /** `sha256:size` */
  key: string
  /** the hazard or inspection it belongs to: when that leaves the scope, the picture goes */
  subject: string
  bytes: number
  used_at: string
}

interface PictureBody {
  key: string
  body: ArrayBuffer
}

export class PictureDatabase extends Dexie {
  pictures!: EntityTable<PictureRecord, 'key'>
  bodies!: EntityTable<PictureBody, 'key'>

  constructor(name = nameHere(PICTURES_DB_NAME)) {
    super(name, { chromeTransactionDurability: 'relaxed' })
    this.version(1).stores({ pictures: 'key, subject, used_at', bodies: 'key' })
  }
}

let opened: PictureDatabase | null = null

/** Made when it is first asked for: by then it is known whose it is. */
function mine(): PictureDatabase {
  opened ??= new PictureDatabase()
  return opened
}

/** For tests, as a new start of the app leaves it. */
export function startPicturesOver(): void {
  opened?.close()
  opened = null
}

export async function readPicture(key: string, at: string): Promise<ArrayBuffer | null> {
  const found = await mine().bodies.get(key)
  if (!found) return null
  await mine().pictures.update(key, { used_at: at })
  return found.body
}

export async function hasPicture(key: string): Promise<boolean> {
  return (await mine().pictures.get(key)) !== undefined
}

/** The ones not looked at for longest make room. */
export async function putPicture(record: PictureRecord, body: ArrayBuffer): Promise<void> {
  await mine().transaction('rw', mine().pictures, mine().bodies, async () => {
    await mine().pictures.put(record)
    await mine().bodies.put({ key: record.key, body })
    const byUse = await mine().pictures.orderBy('used_at').reverse().toArray()
    let bytes = 0
    await drop(byUse.filter((each) => (bytes += each.bytes) > PICTURES_BYTES_MAX))
  })
}

async function drop(records: readonly PictureRecord[]): Promise<void> {
  if (records.length === 0) return
  await mine().pictures.bulkDelete(records.map(({ key }) => key))
  await mine().bodies.bulkDelete(records.map(({ key }) => key))
}

export async function pictureSubjects(): Promise<string[]> {
  return (await mine().pictures.orderBy('subject').uniqueKeys()).map(String)
}

export async function dropPicturesOf(subjects: readonly string[]): Promise<void> {
  await mine().transaction('rw', mine().pictures, mine().bodies, async () => {
    await drop(await mine().pictures.where('subject').anyOf([...subjects]).toArray())
  })
}

export async function clearPictures(): Promise<void> {
  await mine().transaction('rw', mine().pictures, mine().bodies, () => Promise.all([mine().pictures.clear(), mine().bodies.clear()]))
}
