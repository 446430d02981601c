// This phone as a witness of the station's log: the newest signed head it saw of each epoch, and the alarm when a later log does not
// begin with the one it saw. It must not talk to the network, and an alarm never keeps anybody from working.

import type { LogHead, Receipt } from '../contract/wire'
import { withUser } from '../db/access'
import type { UserDatabase } from '../db/user'
import { cacheMarks } from './rows'
import { changed } from './signal'

/** A head as the station signed it. */
export interface SeenHead extends LogHead {
  epoch: number
}

/** A size and root the station once vouched for; `text` and `signature` where it is a receipt's. */
export interface Vouched {
  size: number
  root: string
  epoch: number
  time: string
  signature: string
  /** the signed text, when it is a receipt and not a head */
  text?: string
}

/** rewritten: another past than before; unsigned: not the station's key; unopened: a new epoch without its record; unproven: no proof, time after time */
export type AlarmKind = 'rewritten' | 'unsigned' | 'unopened' | 'unproven'
export interface LogAlarm {
  kind: AlarmKind
  /** since when */
  at: string
  kept: Vouched | null
  shown: Vouched
  /** when the station took the report of it */
  reported_at: string | null
}

interface Witness {
  /** by epoch */
  heads: { [epoch: string]: SeenHead }
  /** times in a row that no proof could be had although the station answered */
  unproven: number
}

const WITNESS = 'log_witness'
const ALARM = 'log_alarm'
const RECEIPTS_LOOKED_AT_MAX = 50
const NOTHING_SEEN: Witness = { heads: {}, unproven: 0 }

export async function witness(): Promise<Witness> {
  const stored = await withUser((db) => db.settings.get(WITNESS))
  return (stored?.value as unknown as Witness | undefined) ?? NOTHING_SEEN
}

/** The newest head of this epoch that held; null when there is none. An older release kept it among the rows. */
export async function seenHead(epoch: number, running: number): Promise<Vouched | null> {
  const { heads } = await witness()
  const head = heads[epoch]
  if (head) return head
  const before = epoch === running && Object.keys(heads).length === 0 ? (await cacheMarks()).head : null
  return before && { ...before, epoch, time: '', signature: '' }
}

/** Receipts of this epoch that no head has covered yet: each vouches for the log at its size. */
export async function receiptsSince(epoch: number, size: number): Promise<Vouched[]> {
  const newest = await withUser((db) => db.receipts.orderBy('time').reverse().limit(RECEIPTS_LOOKED_AT_MAX).toArray())
  return newest.filter((record) => record.log_size >= size).flatMap(({ text, signature }) => {
    const receipt = JSON.parse(text) as Receipt
    return receipt.epoch === epoch ? [{ ...receipt.log, epoch, time: receipt.time, signature, text }] : []
  })
}

/** The log held: its head is what the next one is compared with, and an alarm is over. */
export async function keepHead(head: SeenHead): Promise<void> {
  const { heads, unproven } = await witness()
  const known = heads[head.epoch]
  if (known?.size === head.size && unproven === 0 && !(await logAlarm())) return
  await write((db) => [
    db.settings.put({ name: WITNESS, value: { heads: { ...heads, [head.epoch]: head }, unproven: 0 } as never }),
    db.settings.delete(ALARM),
  ])
}

/** The station answered, and still there was no proof; how often in a row. */
export async function noteUnproven(): Promise<number> {
  const { heads, unproven } = await witness()
  await write((db) => [db.settings.put({ name: WITNESS, value: { heads, unproven: unproven + 1 } as never })])
  return unproven + 1
}

// ---- the alarm ---------------------------------------------------------------------------------

export async function logAlarm(): Promise<LogAlarm | null> {
  const stored = await withUser((db) => db.settings.get(ALARM))
  return (stored?.value as unknown as LogAlarm | undefined) ?? null
}

/** Stands until the log the phone saw is back; the first time counts, whatever comes after. */
export async function raiseAlarm(alarm: LogAlarm): Promise<LogAlarm> {
  const before = await logAlarm()
  if (before) return before
  await write((db) => [db.settings.put({ name: ALARM, value: alarm as never })])
  return alarm
}

export async function alarmReported(at: string): Promise<void> {
  const alarm = await logAlarm()
  if (alarm) await write((db) => [db.settings.put({ name: ALARM, value: { ...alarm, reported_at: at } as never })])
}

async function write(puts: (db: UserDatabase) => PromiseLike<unknown>[]): Promise<void> {
  await withUser((db) => db.transaction('rw', db.settings, () => Promise.all(puts(db))))
  changed('settings')
}
