// The phone's own facts in the order they were written. Numbers begin again at 1 with every enrolment, so they order
// only what one enrolment wrote; enrolments go by when each began to write, which orders what is shown and nothing else.

import type { FactRecord } from '../db/user'

export function asWritten<Fact extends Pick<FactRecord, 'enrolment' | 'n' | 'at'>>(facts: Iterable<Fact>): Fact[] {
  const found = [...facts]
  const began = new Map<string, string>()
  for (const { enrolment, at } of found) {
    const first = began.get(enrolment)
    if (first === undefined || at < first) began.set(enrolment, at)
  }
  return found.sort((a, b) => {
    const [one, other] = [began.get(a.enrolment) ?? '', began.get(b.enrolment) ?? '']
    return one === other ? a.n - b.n : one < other ? -1 : 1
  })
}
