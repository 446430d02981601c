// `gi-pictures`: pictures of photos that other phones took, fetched from the station to be looked at. All of it can be
// thrown away at any time, so every write is relaxed and bounded. Nothing a person recorded here is ever in it.

import { Dexie, type EntityTable } from 'dexie'

export const PICTURES_DB_NAME = 'gi-pictures'
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

class PictureDatabase extends Dexie {
  pictures!: EntityTable<PictureRecord, 'key'>
  bodies!: EntityTable<PictureBody, 'key'>

  constructor() {
    super(PICTURES_DB_NAME, { chromeTransactionDurability: 'relaxed' })
    this.version(1).stores({ pictures: 'key, subject, used_at', bodies: 'key' })
  }
}

let database = new PictureDatabase()

/** For tests, as a new start of the app leaves it. */
export function startPicturesOver(): void {
  database.close()
  database = new PictureDatabase()
}

export async function readPicture(key: string, at: string): Promise<ArrayBuffer | null> {
  const found = await database.bodies.get(key)
  if (!found) return null
  await database.pictures.update(key, { used_at: at })
  return found.body
}

export async function hasPicture(key: string): Promise<boolean> {
  return (await database.pictures.get(key)) !== undefined
}

/** The ones not looked at for longest make room. */
export async function putPicture(record: PictureRecord, body: ArrayBuffer): Promise<void> {
  await database.transaction('rw', database.pictures, database.bodies, async () => {
    await database.pictures.put(record)
    await database.bodies.put({ key: record.key, body })
    const byUse = await database.pictures.orderBy('used_at').reverse().toArray()
    let bytes = 0
    await drop(byUse.filter((each) => (bytes += each.bytes) > PICTURES_BYTES_MAX))
  })
}

async function drop(records: readonly PictureRecord[]): Promise<void> {
  if (records.length === 0) return
  await database.pictures.bulkDelete(records.map(({ key }) => key))
  await database.bodies.bulkDelete(records.map(({ key }) => key))
}

export async function pictureSubjects(): Promise<string[]> {
  return (await database.pictures.orderBy('subject').uniqueKeys()).map(String)
}

export async function dropPicturesOf(subjects: readonly string[]): Promise<void> {
  await database.transaction('rw', database.pictures, database.bodies, async () => {
    await drop(await database.pictures.where('subject').anyOf([...subjects]).toArray())
  })
}

export async function clearPictures(): Promise<void> {
  await database.transaction('rw', database.pictures, database.bodies, () => Promise.all([database.pictures.clear(), database.bodies.clear()]))
}
