import { expect, test } from 'vitest'
import { QUARANTINE_WORDS } from '../contract/problems'
import { verdictWords } from './outbox'

test('who wrote what was set aside reads why and what to do, for every reason there is', () => {
  for (const [reason, why] of Object.entries(QUARANTINE_WORDS)) {
    const words = verdictWords(`quarantined:${reason}`) ?? ''
    expect(words).toContain(why)
    expect(words).toMatch(/不用重写|另记一条/)
  }
})

test('nobody is told to wait for what can never count', () => {
  expect(verdictWords('quarantined:id_reused')).toContain('另记一条')
  expect(verdictWords('quarantined:missing_role')).toContain('等管理员处理，不用重写')
})

test('what was admitted, flagged or not, needs no words', () => {
  expect([verdictWords(null), verdictWords('admitted:outside_area')]).toEqual([null, null])
})
