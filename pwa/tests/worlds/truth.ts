// What people recorded, kept apart from every phone and from the station: each thing somebody wrote carries a mark that
// nobody else ever wrote, each photo its own bytes. It must not read anything back.

/** `T<phone>.<count>.`: found again wherever it went, in a draft, a fact or the ledger. */
const MARK = /T[a-z]+\d\.\d+\./g

export class Truth {
  /** the phone said that it was stored (true), or nobody ever heard (false): then it may be there once or not at all */
  readonly marks = new Map<string, { phone: string; certain: boolean }>()
  readonly photos = new Map<string, { phone: string; bytes: Buffer; certain: boolean }>()
  /** photos whose bytes the system took from a phone */
  readonly evicted = new Set<string>()
  /** enrolments that were revoked */
  readonly revoked = new Set<string>()
  readonly wrongs: string[] = []
  private count = 0

  mark(phone: string): string {
    const mark = `T${phone}.${++this.count}.`
    this.marks.set(mark, { phone, certain: false })
    return mark
  }

  stored(...marks: readonly string[]): void {
    for (const mark of marks) {
      const known = this.marks.get(mark)
      if (known) known.certain = true
    }
  }

  /** Given up by whoever wrote it: it may come back, once, or not at all. */
  unsure(marks: readonly string[], photos: readonly string[]): void {
    for (const mark of marks) if (this.marks.has(mark)) (this.marks.get(mark) as { certain: boolean }).certain = false
    for (const hash of photos) if (this.photos.has(hash)) (this.photos.get(hash) as { certain: boolean }).certain = false
  }

  wrong(invariant: string, words: string): void {
    const told = `${invariant}: ${words}`
    if (!this.wrongs.includes(told)) this.wrongs.push(told)
  }
}

export function marksIn(text: string): string[] {
  return [...new Set(text.match(MARK) ?? [])]
}
