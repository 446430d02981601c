import { expect, test } from 'vitest'
import { failure, newPhone } from '../../tests/phone'
import { HEALS_MAX, withUser } from './access'

test('what was under way when the browser closed the storage is done again, not thrown at her screen', async () => {
  newPhone()
  let tries = 0
  const found = await withUser((db) => {
    tries += 1
    if (tries === 1) throw failure('AbortError', 'The transaction was aborted, so the request cannot be fulfilled.')
    return db.settings.count()
  })
  expect([found, tries]).toEqual([0, 2])
})

test('a full phone is told at once that it is full, however the browser wraps it', async () => {
  newPhone()
  let tries = 0
  const full = withUser(() => {
    tries += 1
    return Promise.reject(failure('AbortError', 'aborted', 'QuotaExceededError'))
  })
  await expect(full).rejects.toMatchObject({ code: 'full' })
  expect(tries).toBe(1)
})

test('a storage that stays closed is said to be so after a few tries', async () => {
  newPhone()
  let tries = 0
  const closed = withUser(() => {
    tries += 1
    return Promise.reject(failure('InvalidStateError', 'The database connection is closing.'))
  })
  await expect(closed).rejects.toMatchObject({ code: 'dead' })
  expect(tries).toBe(HEALS_MAX + 1)
})
