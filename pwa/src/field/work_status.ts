// Where the work is, in one line: what is only on this phone, what the station has, why it does not get on, and what to do.
// Pure: it works on what the outbox and the sender say. It must not know how anything is sent, nor what the time is.

import type { OutboxFigures, SenderPhase, SenderView } from '@/data'
import { secondsWords } from './saying'
import { TODAY } from './words_today'

export interface WorkStatus {
  tone: 'pass' | 'accent' | 'fail'
  what: string
  /** a clause; the time of the next try follows it */
  why: string
  next_try_at: string | null
  /** what only a person can help with: whole sentences */
  notes: string[]
  /** changes when the state does; nothing while it is only being tried, so that nobody is told every minute */
  state: string
}

const SOON_S = 5
const SECONDS_STEP = 10
const MINUTES_FROM_S = 90
/** the station asks for an hour at most; more says that the phone's clock was moved */
const WAIT_S_MAX = 3600

const DOING: Partial<Record<SenderPhase, string>> = { sending_text: '正在交文字', sending_photos: '正在传照片' }

export function workStatus(figures: OutboxFigures, sender: SenderView, revoked: boolean): WorkStatus {
  const waits = figures.facts + figures.photos > 0
  const notes = [standing(sender, revoked), waits ? parked(figures.parked) : ''].filter(Boolean)
  const why = waits || sender.phase === 'blocked' ? reason(sender) : atRest(sender)
  return {
    tone: notes.length || sender.phase === 'blocked' ? 'fail' : waits ? 'accent' : 'pass',
    what: figures.words,
    why,
    next_try_at: waits ? sender.next_try_at : null,
    notes,
    state: sender.phase in DOING || sender.phase === 'fetching' ? '' : [waits, why, ...notes].join('|'),
  }
}

function reason({ phase, why, seconds_left }: SenderView): string {
  const doing = DOING[phase]
  return doing && phase === 'sending_photos' && seconds_left !== null ? `${doing}，${secondsWords(seconds_left)}` : (doing ?? why)
}

/** Nothing waits: then no signal is no trouble, and a station that is busy cannot have refused anything. */
function atRest({ phase, why }: SenderView): string {
  if (phase === 'offline') return `${why}，不影响检查`
  return phase === 'waiting' ? '现在问不到站里的新消息' : ''
}

function standing({ problem, why }: SenderView, revoked: boolean): string {
  if (problem) return problem.words.replace(/[。.]$/, '') === why ? '' : problem.words
  return revoked ? TODAY.revoked : ''
}

function parked(count: number): string {
  return count ? `有 ${count} 条站里没收下，请到“上交”里看一看` : ''
}

/** 约 40 秒后再试; in steps, so that it does not twitch. */
export function tryWords(at: string, now: number): string {
  const seconds = Math.min(WAIT_S_MAX, (Date.parse(at) - now) / 1000)
  if (!(seconds > SOON_S)) return '马上再试'
  if (seconds < MINUTES_FROM_S) return `约 ${Math.ceil(seconds / SECONDS_STEP) * SECONDS_STEP} 秒后再试`
  return `约 ${Math.round(seconds / 60)} 分钟后再试`
}
