// All chance of a world comes out of its seed, so that the same seed decides the same.
// It must not know what is decided.

import { createHash } from 'node:crypto'

export class Chance {
  private state: number

  constructor(seed: string) {
    this.state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  }

  /** 0 <= x < 1 (mulberry32) */
  random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** 0 <= n < below */
  int(below: number): number {
    return Math.floor(this.random() * below)
  }

  hits(odds: number): boolean {
    return this.random() < odds
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(from.length)] as T
  }

  weighted<T>(choices: readonly (readonly [number, T])[]): T {
    let draw = this.random() * choices.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, choice] of choices) if ((draw -= weight) < 0) return choice
    return (choices[choices.length - 1] as readonly [number, T])[1]
  }

  fill<T extends Uint8Array>(bytes: T): T {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.int(256)
    return bytes
  }
}
