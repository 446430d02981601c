import { beforeEach, expect, test } from 'vitest'
import { enrolledPhone } from '../../tests/phone'
import type { Changes, PulledItem } from '../contract/wire'
import { handBacks, keepPulled } from './pulled'

const RESTORED = { from: 1, size: 10 }

beforeEach(async () => {
  await enrolledPhone()
})

async function pulled(from: number, to: number, item: Partial<PulledItem>): Promise<void> {
  const facts = [{ i: from, verdict: 'admitted', line: `{"at":${from}}`, received_at: '2026-11-20T00:00:00.000Z', ...item }]
  await keepPulled({ facts, witness: { epoch: 1, from, to, signature: 's' }, backed_up_to: 10 } as unknown as Changes)
}

async function placesHandedBack(): Promise<number[]> {
  const found: number[] = []
  for await (const { lines } of handBacks(2, RESTORED)) {
    for (const line of lines) {
      const told = JSON.parse(line) as { type: string; from: number }
      if (told.type === 'page') found.push(told.from)
    }
  }
  return found
}

test('a restored station gets back what it lacks, and every number, also one given to what its backup has', async () => {
  await pulled(2, 4, {})
  await pulled(6, 8, { number: 'BH-2026-0002' })
  await pulled(9, 12, {})
  expect(await placesHandedBack()).toEqual([6, 9])
})

test('what the station entrusted to this phone goes back as it came, with or without facts beside it', async () => {
  const word = { epoch: 1, from: 10, to: 11, signature: 's' }
  await keepPulled({ facts: [], witness: word, entrusted: 'closed', backed_up_to: 10 } as unknown as Changes)
  const lines: string[] = []
  for await (const request of handBacks(2, RESTORED)) lines.push(...request.lines)
  expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual({ type: 'entrusted', epoch: 1, text: 'closed' })
  expect(lines.some((line) => line.includes('"from":10'))).toBe(false)
})
