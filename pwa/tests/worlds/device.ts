// A phone as hardware: its disk, its small storage, the locks and channels its pages share, its clock.
// Everything here survives a killed page. It must not know what the pages do.

import { Disk } from './disk.ts'
import type { Page } from './page.ts'

export class Device {
  readonly disk = new Disk()
  /** localStorage */
  readonly words = new Map<string, string>()
  readonly channels = new Channels()
  /** null: a browser without Web Locks */
  readonly locks: Locks | null
  readonly name: string
  /** whether the browser can gzip */
  readonly packs: boolean
  clockErrorMs = 0
  pages: Page[] = []

  constructor(name: string, options: { locks: boolean; packs: boolean; clockErrorMs: number }) {
    this.name = name
    this.locks = options.locks ? new Locks() : null
    this.packs = options.packs
    this.clockErrorMs = options.clockErrorMs
  }

  gone(page: Page): void {
    this.pages = this.pages.filter((each) => each !== page)
    this.locks?.release(page)
    this.channels.drop(page)
  }
}

class Locks {
  private readonly held = new Map<string, Page>()

  seenBy(page: Page): object {
    const request = async (name: string, _options: object, work: (lock: object | null) => Promise<unknown> | null): Promise<unknown> => {
      if (this.held.has(name)) return work(null)
      this.held.set(name, page)
      try {
        return await work({ name })
      } finally {
        if (this.held.get(name) === page) this.held.delete(name)
      }
    }
    return { request }
  }

  release(page: Page): void {
    for (const [name, holder] of this.held) if (holder === page) this.held.delete(name)
  }
}

interface Channel {
  name: string
  page: Page
  onmessage: ((event: { data: unknown }) => void) | null
}

class Channels {
  private open: Channel[] = []

  seenBy(page: Page): unknown {
    const add = (channel: Channel): number => this.open.push(channel)
    const tell = (from: Channel, data: unknown): void => this.tell(from, data)
    return class implements Channel {
      onmessage: Channel['onmessage'] = null
      readonly page = page
      readonly name: string

      constructor(name: string) {
        this.name = name
        add(this)
      }

      postMessage(data: unknown): void {
        if (page.alive) tell(this, structuredClone(data))
      }

      addEventListener(_type: string, listener: Channel['onmessage']): void {
        this.onmessage = listener
      }

      removeEventListener(): void {
        this.onmessage = null
      }

      close(): void {
        this.onmessage = null
      }
    }
  }

  private tell(from: Channel, data: unknown): void {
    for (const channel of this.open) {
      if (channel === from || channel.name !== from.name || channel.page === from.page) continue
      const { around } = channel.page
      around.pending += 1
      setImmediate(() => {
        around.pending -= 1
        if (channel.page.deliver()) channel.onmessage?.({ data })
      })
    }
  }

  drop(page: Page): void {
    this.open = this.open.filter((channel) => channel.page !== page)
  }
}
