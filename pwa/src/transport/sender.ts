// The sender: one run hands over words, previews and photos, then fetches changes; woken by launch, network, a visible page,
// new work or a tap. Every wait has its reason in words. It must not draw anything, and success is never inferred from silence.

import { me, updateIdentity } from '../data/identity'
import { photosToSend, remaining, type Remaining } from '../data/handover'
import { showSender } from '../data/sender_view'
import type { SenderPhase, SenderView } from '../data/types'
import { instant } from '../lib/time'
import { waitSeconds } from './backoff'
import { fetchChanges } from './changes'
import { alone } from './one_sender'
import { Pace } from './pace'
import { sendPhotos } from './photos'
import { fault, type Failure } from './results'
import { sendPreviews, sendText } from './text'
import { standingDoubt } from './witness'
import { WORDS_NUMBER_REUSED, WORDS_OTHER_TAB, WORDS_REVOKED, WORDS_SIGNED_OUT, whyWords } from './words'

export type WakeReason = 'launch' | 'online' | 'visible' | 'manual' | 'new' | 'timer'
/** new words of the chief are looked for this often while the page is visible */
export const LOOK_EVERY_MS = 5 * 60_000
const OTHER_TAB_MS = 20_000
const ANSWERED = 200
const ROUNDS_MAX = 5
/** a line that carried something so lately is likely to be back soon: the wait stays that of the second try */
const BACK_SOON_MS = 30_000
const BACK_SOON_FAILURES = 2

export interface SenderWorld {
  now: () => number
  random: () => number
  setTimer: (work: () => void, ms: number) => unknown
  clearTimer: (timer: unknown) => void
  /** nobody looks: nothing is asked for until the page is visible again */
  hidden: () => boolean
}

const REAL_WORLD: SenderWorld = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimer: (work, ms) => setTimeout(work, ms),
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  hidden: () => document.visibilityState === 'hidden',
}

const NOTHING_LEFT: Remaining = { facts: 0, inspections: 0, photos: 0, bytes: 0 }

export class Sender {
  private running: Promise<void> | null = null
  private again = false
  private triedReturn = false
  /** asks even a station that did not know this phone: it may have been restored since */
  private insists = false
  private failures = 0
  /** when something last got through, and how many requests of photos had by then */
  private carried = { at: Number.NEGATIVE_INFINITY, through: 0 }
  private untouched = new Set<string>()
  private timer: unknown = null
  private pace = new Pace()
  private left: Remaining = NOTHING_LEFT
  private photosAtStart = 0
  private readonly world: SenderWorld

  constructor(world: SenderWorld = REAL_WORLD) {
    this.world = world
  }

  /** Safe to call at any time, any number of times. */
  wake(reason: WakeReason): Promise<void> {
    if (reason !== 'timer') this.failures = 0
    this.insists = reason === 'manual' || reason === 'launch'
    if (this.timer !== null) this.world.clearTimer(this.timer)
    this.timer = null
    if (reason === 'timer' && this.left.facts === 0 && this.left.photos === 0 && this.world.hidden()) return Promise.resolve()
    if (this.running) {
      this.again ||= reason === 'new' || reason === 'manual'
      return this.running
    }
    this.running = this.runs().finally(() => {
      this.running = null
    })
    return this.running
  }

  stop(): void {
    if (this.timer !== null) this.world.clearTimer(this.timer)
    this.timer = null
  }

  private async runs(): Promise<void> {
    do {
      this.again = false
      const had = await alone(() => this.run()).catch((error: unknown) => this.broke(error))
      if (had === null) this.show('waiting', WORDS_OTHER_TAB, this.later(OTHER_TAB_MS))
    } while (this.again)
  }

  /** The phone's own storage failed, or a bug: nothing was released; it is tried again later. */
  private async broke(error: unknown): Promise<true> {
    const words = (error as { words?: unknown }).words
    await this.failed({ ...fault(0), words: typeof words === 'string' ? words : '手机上出了点问题' })
    return true
  }

  private async run(): Promise<true> {
    const identity = await me()
    if (!identity) return true
    if (identity.signed_out && !this.insists) return this.blocked('signed_out', WORDS_SIGNED_OUT)
    this.left = await remaining()
    this.photosAtStart = this.left.photos
    this.pace.cuts = 0
    const handed = await this.handOver()
    // a receipt that does not count: whether this is the station at all, and still the same, only its log tells
    if (handed?.kind === 'fault' && handed.status === ANSWERED) await fetchChanges()
    const failure = handed ?? (await this.fetch())
    if (failure) await this.failed(failure)
    return true
  }

  // ---- handing over ----------------------------------------------------------------------------

  private async handOver(): Promise<Failure | null> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      this.left = await remaining()
      if (this.left.facts === 0 && this.left.photos === 0) return null
      if (this.left.facts > 0) this.show('sending_text')
      const text = await sendText()
      if (!text.ok) return text.failure
      if (text.batches > 0) this.lineCarries()
      if (text.batches > 0 && round === 0) this.untouched = new Set((await photosToSend()).map(({ sha256 }) => sha256))
      await this.refresh()
      if ((await sendPreviews(this.pace)) > 0) this.lineCarries()
      const failure = await this.handOverPhotos({ partial: text.partial, held: text.held, untouched: this.untouched })
      if (failure) return failure
      await this.refresh()
      if (this.left.facts === 0) return null // a lost photo makes a new fact: then once more
    }
    return null
  }

  private async handOverPhotos(known: Parameters<typeof sendPhotos>[1]): Promise<Failure | null> {
    const identity = await me()
    if (!identity || this.left.photos === 0) return null
    this.show('sending_photos')
    let shownAt = 0
    this.pace.begin()
    const failure = await sendPhotos(
      {
        token: identity.token,
        pace: this.pace,
        progress: (bytes) => {
          this.pace.note(bytes, this.world.now())
          this.left = { ...this.left, bytes: Math.max(0, this.left.bytes - bytes) }
          if (this.world.now() - shownAt < 250) return
          shownAt = this.world.now()
          void remaining().then((left) => this.show('sending_photos', '', null, left.photos))
        },
      },
      known,
    )
    if (this.pace.through > this.carried.through) this.lineCarries()
    return failure
  }

  /** However often it broke before, it is no dead line: waiting begins anew at its shortest. */
  private lineCarries(): void {
    this.failures = 0
    this.carried = { at: this.world.now(), through: this.pace.through }
  }

  private async refresh(): Promise<void> {
    this.left = await remaining()
  }

  // ---- fetching --------------------------------------------------------------------------------

  private async fetch(): Promise<Failure | null> {
    this.show('fetching')
    const fetched = await fetchChanges()
    await this.refresh()
    if (!fetched.ok) return fetched.failure
    if (fetched.reopened > 0) this.again = true
    this.failures = 0
    this.triedReturn = false
    const problem = await this.standingProblem(fetched.doubt)
    if (problem?.code === 'revoked') await (await import('../data/leaving')).leaveRevoked()
    this.later(LOOK_EVERY_MS)
    this.show('idle', '', null, undefined, problem)
    return null
  }

  /** What stays true although everything was handed over. */
  private async standingProblem(doubt: string | null): Promise<SenderView['problem']> {
    if (doubt !== null) return { code: 'log_doubt', words: doubt }
    const identity = await me()
    if (identity?.revoked) return { code: 'revoked', words: WORDS_REVOKED }
    return identity?.number_reused ? { code: 'number_reused', words: WORDS_NUMBER_REUSED } : null
  }

  // ---- when it did not work --------------------------------------------------------------------

  private async failed(failure: Failure): Promise<void> {
    await this.refresh().catch(() => undefined)
    if (failure.kind === 'refused' && failure.problem.status === 401) {
      const known = await this.knownAgain()
      if (known === true) return
      if (known !== false) return this.waitAfter(known) // no answer: the next try begins with the 401 again
      await updateIdentity({ signed_out: true })
      this.blocked('signed_out', WORDS_SIGNED_OUT)
      return
    }
    if (failure.kind === 'refused' && failure.problem.code === 'enrolment-revoked') {
      await updateIdentity({ revoked: true })
      this.blocked('revoked', WORDS_REVOKED)
      return
    }
    await this.waitAfter(failure)
  }

  private async waitAfter(failure: Failure): Promise<void> {
    this.failures += 1
    const asked = failure.kind === 'offline' ? null : failure.retry_after_s
    const soon = failure.kind === 'offline' && this.world.now() - this.carried.at < BACK_SOON_MS
    const seconds = waitSeconds(soon ? Math.min(this.failures, BACK_SOON_FAILURES) : this.failures, asked, this.world.random())
    const next = this.later(seconds * 1000)
    const refused = failure.kind === 'refused' && !failure.problem.retry ? { code: failure.problem.code, words: failure.problem.detail } : null
    const problem = refused ?? (await this.standingProblem(await standingDoubt()))
    this.show(failure.kind === 'offline' ? 'offline' : 'waiting', whyWords(failure), next, undefined, problem)
  }

  /** A station restored from before this phone was enrolled takes its own word for it; answered once until all is well again. */
  private async knownAgain(): Promise<boolean | Failure> {
    if (this.triedReturn) return false
    const { returned } = await import('./returning')
    const known = await returned()
    this.triedReturn = typeof known === 'boolean'
    this.again = known === true
    return known
  }

  private blocked(code: string, words: string): true {
    this.show('blocked', words, null, undefined, { code, words })
    return true
  }

  private later(ms: number): string {
    if (this.timer !== null) this.world.clearTimer(this.timer)
    this.timer = this.world.setTimer(() => void this.wake('timer'), ms)
    return instant(new Date(this.world.now() + ms))
  }

  private show(phase: SenderPhase, why = '', next_try_at: string | null = null, photos = this.left.photos, problem: SenderView['problem'] = null): void {
    showSender({
      phase,
      why,
      facts_left: this.left.facts,
      inspections_left: this.left.inspections,
      photos_left: photos,
      photos_done: Math.max(0, this.photosAtStart - photos),
      bytes_left: this.left.bytes,
      seconds_left: phase === 'sending_photos' ? this.pace.secondsFor(this.left.bytes, this.world.now()) : null,
      next_try_at,
      cuts: this.pace.cuts,
      problem,
    })
  }
}
