// The world's clock and every timer of every page. It moves only when the world says so; a minute of waiting costs nothing.
// It must not know what the timers are for.

import type { Page } from './page.ts'

interface Timer {
  id: number
  due: number
  every: number | null
  page: Page
  work: () => void
}

const ROUNDS_MAX = 10_000

export class Timers {
  now: number
  private waiting: Timer[] = []
  private lastId = 0

  constructor(now: number) {
    this.now = now
  }

  seenBy(page: Page): object {
    const add = (repeated: boolean) => (work: (...words: unknown[]) => void, ms = 0, ...words: unknown[]): number => {
      if (!page.alive) return 0
      const id = ++this.lastId
      const wait = Math.max(0, Number(ms) || 0)
      this.waiting.push({ id, due: this.now + wait, every: repeated ? Math.max(1, wait) : null, page, work: () => work(...words) })
      return id
    }
    const remove = (id: unknown): void => void (this.waiting = this.waiting.filter((timer) => timer.id !== id))
    return { setTimeout: add(false), setInterval: add(true), clearTimeout: remove, clearInterval: remove }
  }

  drop(page: Page): void {
    this.waiting = this.waiting.filter((timer) => timer.page !== page)
  }

  /** When the next one is due; null when nobody waits. */
  next(): number | null {
    return this.waiting.length === 0 ? null : Math.min(...this.waiting.map((timer) => timer.due))
  }

  /** Everything that is due by now, in the order of its time. */
  fire(): void {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const due = this.waiting.filter((timer) => timer.due <= this.now).sort((a, b) => a.due - b.due || a.id - b.id)[0]
      if (!due) return
      if (due.every === null) this.waiting = this.waiting.filter((timer) => timer !== due)
      else due.due = Math.max(due.due + due.every, this.now + 1)
      if (due.page.deliver()) due.work()
    }
  }
}
