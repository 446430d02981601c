// The numbers on 逾期 and 说法不一: how many would be left if one pressed them. They look into every row of the filter,
// so they are asked for beside the page, never with it, and not again when one only turns the page.

import { computed, shallowRef, watch, type ShallowRef } from 'vue'
import { askHazards } from '../data/nouns'
import { addressOf, askOf, type LedgerFilter } from './filters'

export interface Tallies {
  overdue: number
  conflicts: number
}

export function useTallies(filter: () => LedgerFilter): ShallowRef<Tallies | null> {
  const tallies = shallowRef<Tallies | null>(null)
  const plain = computed<LedgerFilter>(() => ({ ...filter(), page: 1, sort: 'newest' }))
  let newest = 0

  async function count(part: Partial<LedgerFilter>): Promise<number | null> {
    const result = await askHazards({ ...askOf({ ...plain.value, ...part }), size: 1 })
    return result.is === 'done' ? result.value.total : null
  }

  watch(() => JSON.stringify(addressOf(plain.value)), async () => {
    const own = ++newest
    const overdue = await count({ overdue: true })
    const conflicts = await count({ conflicts: true })
    if (own === newest) tallies.value = overdue === null || conflicts === null ? null : { overdue, conflicts }
  }, { immediate: true })
  return tallies
}
