// What data/ asks of the world above it: the transport plugs itself in here when the app starts.
// It must not import the transport: the floors point the other way.

import type { Claimed } from '../contract/wire'
import type { Outcome } from './types'

export interface ClaimRequest {
  code: string
  public_key: string
  label: string
  proof: string
}

export interface ClaimAnswer {
  claimed: Claimed
  /** device clock before sending and after the answer, for the offset */
  sent_at: number
  received_at: number
}

export type PictureSize = 'thumbnail' | 'view'
export interface PictureAnswer {
  body: ArrayBuffer
  /** false: a preview, while the photo itself is on its way */
  whole: boolean
}

export interface Ports {
  claim: (request: ClaimRequest) => Promise<Outcome<ClaimAnswer>>
  /** there is something new to hand over, or the person asked */
  wake: (reason: 'new' | 'manual') => void
  /** a picture of a photo the station holds; null when it cannot be had now */
  picture: (sha256: string, size: PictureSize) => Promise<PictureAnswer | null>
  /** a tile of the station's map; null when it cannot be had now */
  tile?: (z: number, x: number, y: number) => Promise<Blob | null>
}

const START_WAIT_MS_MAX = 5_000 // the transport comes after the first screen: a quick thumb is there before it

let started: () => void = () => undefined
const start = new Promise<void>((resolve) => { started = resolve })

const NOT_STARTED: Ports = {
  claim: async (request) => {
    await Promise.race([start, new Promise<void>((resolve) => { setTimeout(resolve, START_WAIT_MS_MAX) })])
    if (plugged !== NOT_STARTED) return plugged.claim(request)
    return { ok: false, code: 'not_started', words: '还没准备好，请稍等再点一次', retry: true }
  },
  wake: () => undefined,
  picture: async () => null,
}

let plugged: Ports = NOT_STARTED

export function plug(ports: Ports): void {
  plugged = ports
  started()
}

export const ports: Required<Ports> = {
  tile: async (z, x, y) => (await plugged.tile?.(z, x, y)) ?? null,
  claim: (request) => plugged.claim(request),
  wake: (reason) => plugged.wake(reason),
  picture: (sha256, size) => plugged.picture(sha256, size),
}
