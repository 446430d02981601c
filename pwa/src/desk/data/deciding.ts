// One decision at a time, told to the station until it answers: the facts are made once per button,
// kept while the network fails, and sent again unchanged, so that pressing twice changes nothing (I1).

import { ref, type Ref } from 'vue'
import { sayTrouble, type Result } from './client'
import { decide, type DeskFact } from './decisions'

export type DecidedRow = Record<string, unknown> & { id: string; conflicts?: unknown[] }
export interface Told {
  ok: boolean
  words: string
  rows: DecidedRow[]
  /** the station's word for why not, such as `impossible-step` */
  code: string
}
type Send = (facts: DeskFact[]) => Promise<Result<{ rows: Record<string, unknown>[] }>>

export interface Deciding {
  busy: Ref<string>
  run: (name: string, make: () => DeskFact[]) => Promise<Told>
}

const STALE = '有人刚在别处也定过，两种说法都留着了，请再看一眼、定一下。'

export function useDeciding(send: Send = decide): Deciding {
  const busy = ref('')
  const kept = new Map<string, { facts: DeskFact[]; said: string }>()

  function factsOf(name: string, make: () => DeskFact[]): DeskFact[] {
    const fresh = make()
    const said = JSON.stringify(fresh.map((each) => ({ ...each, id: '', after: fresh.some((other) => each.after.includes(other.id)) ? [] : each.after })))
    const before = kept.get(name)
    if (before && before.said === said) return before.facts
    kept.set(name, { facts: fresh, said })
    return fresh
  }

  async function run(name: string, make: () => DeskFact[]): Promise<Told> {
    if (busy.value) return { ok: false, words: '', rows: [], code: 'busy' }
    busy.value = name
    try {
      const result = await send(factsOf(name, make))
      if (result.is === 'offline' || result.is === 'fault') return { ok: false, words: sayTrouble(result), rows: [], code: result.is }
      kept.delete(name)
      if (result.is === 'refused') return { ok: false, words: sayTrouble(result), rows: [], code: result.problem.code }
      const rows = result.value.rows as DecidedRow[]
      const words = rows.some((row) => (row.conflicts?.length ?? 0) > 0) ? STALE : ''
      return { ok: true, words, rows, code: '' }
    } finally {
      busy.value = ''
    }
  }
  return { busy, run }
}
