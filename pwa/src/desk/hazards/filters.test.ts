// The ledger's filter, its address and the question to the station say the same thing.

import { describe, expect, it } from 'vitest'
import { NO_FILTER, addressOf, askOf, exportOf, filterOf, isNarrow, type LedgerFilter } from './filters'

const narrow: LedgerFilter = {
  ...NO_FILTER, state: ['submitted', 'rectifying'], level: ['major'], area: 'a1', category: '燃气', from: '2026-11-01', to: '2026-11-21', overdue: true, q: '软管', sort: 'deadline', page: 3,
}

describe('filters of the ledger', () => {
  it('a link to a filtered ledger shows the same to everybody', () => {
    expect(filterOf(addressOf(narrow))).toEqual(narrow)
    expect(filterOf(addressOf(NO_FILTER))).toEqual(NO_FILTER)
    expect(addressOf(NO_FILTER)).toEqual({})
  })

  it('what somebody mangled in the address is left out, not sent on', () => {
    expect(filterOf({ state: 'submitted,nonsense', page: '-4', from: 'yesterday', sort: 'x', overdue: 'yes' })).toEqual({ ...NO_FILTER, state: ['submitted'] })
  })

  it('an export takes the filter without page and order', () => {
    expect(exportOf(narrow)).toEqual({ state: ['submitted', 'rectifying'], level: ['major'], area: 'a1', category: '燃气', from: '2026-11-01', to: '2026-11-21', overdue: true, q: '软管' })
    expect(exportOf(NO_FILTER)).toEqual({})
    expect(isNarrow({ ...NO_FILTER, page: 2, sort: 'deadline' })).toBe(false)
    expect(askOf(narrow)).toMatchObject({ page: 3, sort: 'deadline', size: 50 })
  })
})
