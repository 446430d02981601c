// `gi-cache`: what the station sent down. It can be thrown away and fetched again, so its writes are relaxed.
// Rows live in two stores: a snapshot is paged into the idle one and swapped in by one write. It must not hold anything of one's own.

import { Dexie, type EntityTable, type Table } from 'dexie'
import type { Json, JsonObject, RowBase } from '../contract/wire'
import { CACHE_DB_NAME } from './early'
import { nameHere } from './space'

export interface CachedRow {
  type: string
  id: string
  i: number
  site: string
  state: string
  row: RowBase
}

/** The few fields lists need, so that a cold start never reads whole inspections or checklists. */
export interface BriefRow {
  type: string
  id: string
  site: string
  brief: JsonObject
}

export interface PulledFact {
  i: number
  id: string
  subject: string
  verdict: string
  line: string
}

export interface CacheMark {
  name: string
  value: Json
}

export class CacheDatabase extends Dexie {
  rowsA!: Table<CachedRow, [string, string]>
  rowsB!: Table<CachedRow, [string, string]>
  briefsA!: Table<BriefRow, [string, string]>
  briefsB!: Table<BriefRow, [string, string]>
  pulledFacts!: EntityTable<PulledFact, 'i'>
  marks!: EntityTable<CacheMark, 'name'>

  constructor(name = nameHere(CACHE_DB_NAME)) {
    super(name, { chromeTransactionDurability: 'relaxed' })
    this.version(1).stores({
      rowsA: '[type+id], id, [type+site], [type+state]',
      rowsB: '[type+id], id, [type+site], [type+state]',
      briefsA: '[type+id], id',
      briefsB: '[type+id], id',
      pulledFacts: 'i, id, subject',
      marks: 'name',
    })
  }
}
