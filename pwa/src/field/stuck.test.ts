import { expect, test } from 'vitest'
import { stuckFor } from './stuck'

const NOW = new Date('2026-11-22T08:00:00.000Z')

test('who has been cut off for days is shown the way by file', () => {
  expect(stuckFor('2026-11-19T07:00:00.000Z', NOW)).toContain('等了 3 天')
})

test('nobody is bothered on the day itself, nor with nothing to hand over, nor by a broken date', () => {
  expect(stuckFor('2026-11-22T01:00:00.000Z', NOW)).toBe('')
  expect(stuckFor(null, NOW)).toBe('')
  expect(stuckFor('x', NOW)).toBe('')
})
