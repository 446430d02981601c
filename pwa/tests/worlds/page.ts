// One open page of one phone: a fresh load of the real code over that phone's disk, with the globals of a browser.
// It can be killed at every event it waits for; then nothing it was about to do happens any more.
// It must not know what the code does, nor decide when anything goes wrong.

import { createHash, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { PhoneApp, PhoneCode } from './bundle.ts'
import type { Device } from './device.ts'
import { FDBKeyRange } from './fake_indexeddb.ts'
import type { Timers } from './timers.ts'
import type { Network } from './network.ts'
import type { Chance } from './chance.ts'

/** What a page needs of the world around it. */
export interface Surroundings {
  timers: Timers
  network: Network
  /** ids and jitter of the phones, apart from what the world decides */
  dice: Chance
  /** work under way outside JavaScript: the world is not quiet before it is over */
  pending: number
  /** counts everything that happened */
  activity: number
}

type Listener = (event: { type: string }) => void

export class Page {
  alive = true
  /** events until it is killed; null: not */
  killIn: number | null = null
  /** work a person started and waits for */
  busy = 0
  visible = true
  readonly app: PhoneApp
  readonly device: Device
  readonly around: Surroundings
  private readonly listeners = new Map<string, Listener[]>()

  constructor(device: Device, around: Surroundings, code: PhoneCode, origin: string) {
    this.device = device
    this.around = around
    this.app = code(globalsOf(this))
    this.app.setOrigin(origin)
    this.app.startTransport()
  }

  /** Something is about to be heard by this page; false when it is dead, or dies just before. */
  deliver = (): boolean => {
    this.around.activity += 1
    if (this.alive && this.killIn !== null && --this.killIn <= 0) this.kill()
    return this.alive
  }

  /** As the system kills a browser: no warning, no last words. */
  kill(): void {
    this.alive = false
    this.device.disk.abandon(this)
    this.device.gone(this)
    this.around.timers.drop(this)
    this.around.network.abandon(this)
  }

  /** A promise of the outside world, as this page hears of it. */
  heard<T>(outside: Promise<T>): Promise<T> {
    this.around.pending += 1
    return new Promise((resolve, reject) => {
      const over = (tell: () => void): void => {
        this.around.pending -= 1
        if (this.deliver()) tell()
      }
      outside.then((value) => over(() => resolve(value)), (error: unknown) => over(() => reject(error as Error)))
    })
  }

  emit(type: string): void {
    if (this.deliver()) this.listeners.get(type)?.forEach((listener) => listener({ type }))
  }

  listen = (type: string, listener: Listener): void => {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener])
  }

  now = (): number => this.around.timers.now + this.device.clockErrorMs
}

// ---- globals -------------------------------------------------------------------------------------

function globalsOf(page: Page): object {
  const globals = Object.create(globalThis) as object
  const own: { [name: string]: unknown } = {
    globalThis: globals, self: globals, window: globals, global: globals, isSecureContext: true, Worker: undefined, process: undefined,
    Promise: ownPromise(), console: { warn: () => undefined, error: () => undefined, log: () => undefined, debug: () => undefined }, addEventListener: page.listen, removeEventListener: () => undefined, document: documentOf(page), navigator: navigatorOf(page),
    indexedDB: page.device.disk.seenBy(page), IDBKeyRange: FDBKeyRange, localStorage: storageOf(page), crypto: cryptoOf(page),
    BroadcastChannel: page.device.channels.seenBy(page), Date: dateOf(page), Math: Object.create(Math, { random: { value: () => page.around.dice.random() } }),
    ...page.around.timers.seenBy(page), ...page.around.network.seenBy(page), ...camera(), CompressionStream: page.device.packs ? packerOf(page) : undefined,
  }
  for (const [name, value] of Object.entries(own)) Object.defineProperty(globals, name, { value, writable: true, configurable: true })
  return globals
}

/** The storage wrapper changes the statics of its page's Promise while a transaction runs: each page has some of its own. */
function ownPromise(): unknown {
  const genuine = globalThis.Promise
  const own = function (work: ConstructorParameters<typeof Promise>[0]): Promise<unknown> {
    return new genuine(work)
  }
  own.prototype = genuine.prototype
  const { all, race, any, allSettled, resolve, reject } = genuine
  for (const each of [all, race, any, allSettled, resolve, reject]) Object.defineProperty(own, each.name, { value: each.bind(genuine), writable: true, configurable: true })
  return own
}

function documentOf(page: Page): object {
  return {
    get visibilityState() {
      return page.visible ? 'visible' : 'hidden'
    },
    addEventListener: page.listen,
    removeEventListener: () => undefined,
  }
}

function navigatorOf(page: Page): object {
  const locks = page.device.locks?.seenBy(page)
  return { userAgent: 'Mozilla/5.0 (Linux; Android 10; world)', maxTouchPoints: 5, onLine: true, ...(locks ? { locks } : {}) }
}

function storageOf(page: Page): object {
  const { words } = page.device
  return {
    getItem: (key: string) => words.get(key) ?? null,
    setItem: (key: string, value: string) => void (page.alive && words.set(key, String(value))),
    removeItem: (key: string) => void (page.alive && words.delete(key)),
  }
}

/** What takes a while in a browser is worked out at once and told a turn later: how long a thread took must decide nothing. */
function cryptoOf(page: Page): object {
  const genuine = globalThis.crypto.subtle
  const later = (work: () => unknown): Promise<unknown> => page.heard(new Promise((resolve) => setImmediate(() => resolve(work()))))
  const whole = (bytes: Uint8Array): ArrayBuffer => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const p1363 = (key: KeyObject): object => ({ key, dsaEncoding: 'ieee-p1363' })
  const own: { [name: string]: (...words: never[]) => Promise<unknown> } = {
    digest: (_name: string, bytes: Uint8Array | ArrayBuffer) => later(() => whole(createHash('sha256').update(new Uint8Array(bytes as ArrayBuffer)).digest())),
    // the phone's own kind of key, the one that signs and checks
    generateKey: () => later(() => generateKeyPairSync('ec', { namedCurve: 'P-256' })),
    exportKey: (_form: string, key: KeyObject) => later(() => whole(rawOf(key))),
    importKey: (_form: string, point: Uint8Array) => later(() => keyOf(point)),
    sign: (_how: object, key: KeyObject, bytes: Uint8Array) => later(() => whole(sign('sha256', bytes, p1363(key) as never))),
    verify: (_how: object, key: KeyObject, signature: Uint8Array, bytes: Uint8Array) => later(() => verify('sha256', bytes, p1363(key) as never, signature)),
  }
  type Asynchronous = (...words: unknown[]) => Promise<unknown>
  const others = new Proxy(own, {
    get: (known, name) => known[String(name)] ?? ((...words: unknown[]) => page.heard((genuine[name as keyof SubtleCrypto] as unknown as Asynchronous).apply(genuine, words))),
  })
  return { subtle: others, getRandomValues: <T extends Uint8Array>(bytes: T): T => page.around.dice.fill(bytes) }
}

function rawOf(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  return Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
}

export function keyOf(point: Uint8Array): KeyObject {
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => Buffer.from(half).toString('base64url'))
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y } as never, format: 'jwk' })
}

function dateOf(page: Page): unknown {
  return class extends Date {
    constructor(...words: unknown[]) {
      super(...((words.length === 0 ? [page.now()] : words) as [number]))
    }

    static override now(): number {
      return page.now()
    }
  }
}

/** A picture is its bytes here: scaled to the size it has, with a small one beside it. */
function camera(): object {
  class Canvas {
    width: number
    height: number
    drawn: Uint8Array = new Uint8Array()

    constructor(width: number, height: number) {
      this.width = width
      this.height = height
    }

    getContext(): object {
      const drawImage = (source: { drawn: Uint8Array }): void => void (this.drawn = source.drawn)
      return { fillRect: () => undefined, drawImage }
    }

    convertToBlob(): Promise<object> {
      const bytes = this.width > SMALL_SIDE_PX ? this.drawn : this.drawn.slice(0, SMALL_BYTES)
      const body = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
      return Promise.resolve({ type: 'image/jpeg', size: bytes.byteLength, arrayBuffer: () => Promise.resolve(body) })
    }
  }
  class Original extends Blob {
    readonly drawn: Uint8Array

    constructor(parts: [ArrayBuffer], options?: BlobPropertyBag) {
      super(parts, options)
      this.drawn = parts[0] instanceof ArrayBuffer ? new Uint8Array(parts[0]) : new Uint8Array()
    }
  }
  const createImageBitmap = (original: Original): Promise<object> => Promise.resolve({ ...SIDES, drawn: original.drawn, close: () => undefined })
  return { createImageBitmap, OffscreenCanvas: Canvas, Blob: Original }
}

const SIDES = { width: 1600, height: 1200 }
const SMALL_SIDE_PX = 480
const SMALL_BYTES = 600

function packerOf(page: Page): unknown {
  return class extends TransformStream<Uint8Array, Uint8Array> {
    constructor() {
      const parts: Uint8Array[] = []
      page.around.pending += 1
      super({
        transform: (part) => void parts.push(part),
        flush: (controller) => {
          controller.enqueue(gzipSync(Buffer.concat(parts)))
          page.around.pending -= 1
        },
      })
    }
  }
}
