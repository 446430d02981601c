// The one line about the work, in every state the sender can be in: the table is what people read.

import { expect, test } from 'vitest'
import { PROBLEMS } from '@/contract/problems'
import type { OutboxFigures, SenderPhase, SenderView } from '@/data'
import { SENDER_AT_REST } from '@/data/sender_view'
import { NO_NETWORK, PORTAL, SLOW, fault } from '@/transport/results'
import { WORDS_NUMBER_REUSED, WORDS_OTHER_TAB, WORDS_REVOKED, WORDS_SIGNED_OUT, whyWords } from '@/transport/words'
import { tryWords, workStatus, type WorkStatus } from './work_status'

const NOW = Date.parse('2026-11-22T08:00:00.000Z')
const NEXT = '2026-11-22T08:02:00.000Z'
const ALL_SENT: OutboxFigures = { inspections: 0, facts: 0, photos: 0, bytes: 0, oldest_at: null, parked: 0, words: '都已上交，站里已收到' }
const WORK: OutboxFigures = { inspections: 3, facts: 5, photos: 12, bytes: 2_400_000, oldest_at: '2026-11-22T07:00:00.000Z', parked: 0, words: '3 份检查、12 张照片只在这部手机里' }
const PHOTOS: OutboxFigures = { ...WORK, inspections: 0, facts: 0, words: '文字站里已收到，还有 12 张照片没传完' }
const ONLY = '3 份检查、12 张照片只在这部手机里'
const refused = (code: string): string => whyWords({ kind: 'refused', problem: { code, detail: PROBLEMS[code]!.zh, status: 503, retry: true }, headers: new Headers(), retry_after_s: 120 })

function line({ what, why, next_try_at, notes }: WorkStatus): string {
  return [what, why && `；${why}`, next_try_at && `，${tryWords(next_try_at, NOW)}`, ...notes.map((note) => `／${note}`)].filter(Boolean).join('')
}
function problem(code: string, words: string): Partial<SenderView> {
  return { why: words, problem: { code, words } }
}

interface Case { state: string; figures: OutboxFigures; phase: SenderPhase; view?: Partial<SenderView>; revoked?: boolean; tone: WorkStatus['tone']; says: string }
const TABLE: Case[] = [
  { state: 'the app was just opened', figures: WORK, phase: 'idle', tone: 'accent', says: ONLY },
  { state: 'all handed over', figures: ALL_SENT, phase: 'idle', tone: 'pass', says: '都已上交，站里已收到' },
  { state: 'asking for news', figures: ALL_SENT, phase: 'fetching', tone: 'pass', says: '都已上交，站里已收到' },
  { state: 'the words on their way', figures: WORK, phase: 'sending_text', tone: 'accent', says: `${ONLY}；正在交文字` },
  { state: 'the photos on their way', figures: PHOTOS, phase: 'sending_photos', tone: 'accent', says: '文字站里已收到，还有 12 张照片没传完；正在传照片' },
  { state: 'the photos at a known pace', figures: PHOTOS, phase: 'sending_photos', view: { seconds_left: 301 }, tone: 'accent', says: '文字站里已收到，还有 12 张照片没传完；正在传照片，约 5 分钟' },
  { state: 'no signal', figures: WORK, phase: 'offline', view: { why: whyWords(NO_NETWORK), next_try_at: NEXT }, tone: 'accent', says: `${ONLY}；没有信号，约 2 分钟后再试` },
  { state: 'no signal and nothing waiting', figures: ALL_SENT, phase: 'offline', view: { why: whyWords(NO_NETWORK), next_try_at: NEXT }, tone: 'pass', says: '都已上交，站里已收到；没有信号，不影响检查' },
  { state: 'a signal too weak', figures: WORK, phase: 'offline', view: { why: whyWords(SLOW), next_try_at: NEXT }, tone: 'accent', says: `${ONLY}；信号太弱，等了很久没有回音，约 2 分钟后再试` },
  { state: "a hotel's log-in page", figures: WORK, phase: 'offline', view: { why: whyWords(PORTAL), next_try_at: NEXT }, tone: 'accent', says: `${ONLY}；连上了需要登录的网络，请先登录那个网络，或改用流量，约 2 分钟后再试` },
  { state: 'a station that broke off', figures: WORK, phase: 'waiting', view: { why: whyWords(fault(502)), next_try_at: NEXT }, tone: 'accent', says: `${ONLY}；站里暂时忙不过来，约 2 分钟后再试` },
  { state: 'a station that asks for patience', figures: WORK, phase: 'waiting', view: { why: refused('database-busy'), next_try_at: NEXT }, tone: 'accent', says: `${ONLY}；站里正忙，没有收下，过一会儿会自动再传，约 2 分钟后再试` },
  { state: 'a busy station and nothing waiting', figures: ALL_SENT, phase: 'waiting', view: { why: refused('database-busy'), next_try_at: NEXT }, tone: 'pass', says: '都已上交，站里已收到；现在问不到站里的新消息' },
  { state: 'another page at it', figures: WORK, phase: 'waiting', view: { why: WORDS_OTHER_TAB, next_try_at: NEXT }, tone: 'accent', says: `${ONLY}；另一个页面正在上交，约 2 分钟后再试` },
  { state: "the phone's own storage failing", figures: WORK, phase: 'waiting', view: { why: whyWords({ ...fault(0), words: '手机上出了点问题' }), next_try_at: NEXT }, tone: 'accent', says: `${ONLY}；手机上出了点问题，约 2 分钟后再试` },
  { state: 'a station that does not know this phone', figures: WORK, phase: 'blocked', view: problem('signed_out', WORDS_SIGNED_OUT), tone: 'fail', says: `${ONLY}；${WORDS_SIGNED_OUT}` },
  { state: 'a phone that was stopped', figures: ALL_SENT, phase: 'blocked', view: problem('revoked', WORDS_REVOKED), revoked: true, tone: 'fail', says: `都已上交，站里已收到；${WORDS_REVOKED}` },
  { state: 'a stopped phone, opened without a network', figures: WORK, phase: 'idle', revoked: true, tone: 'fail', says: `${ONLY}／这部手机的登记已经停用。没交的还能交，新的检查请找站里重新登记。` },
  { state: 'a number used twice', figures: ALL_SENT, phase: 'idle', view: { problem: { code: 'number_reused', words: WORDS_NUMBER_REUSED } }, tone: 'fail', says: `都已上交，站里已收到／${WORDS_NUMBER_REUSED}` },
  { state: 'a doubtful log and no signal', figures: WORK, phase: 'offline', view: { why: '没有信号', next_try_at: NEXT, problem: { code: 'log_doubt', words: '站里的记录和手机上的对不上。' } }, tone: 'fail', says: `${ONLY}；没有信号，约 2 分钟后再试／站里的记录和手机上的对不上。` },
  { state: 'something the station does not take', figures: { ...WORK, parked: 1 }, phase: 'idle', tone: 'fail', says: `${ONLY}／有 1 条站里没收下，请到“上交”里看一看` },
]

test.each(TABLE)('$state', ({ figures, phase, view, revoked, tone, says }) => {
  const status = workStatus(figures, { ...SENDER_AT_REST, phase, ...view }, revoked === true)
  expect([line(status), status.tone]).toEqual([says, tone])
})

test('every state of the sender is in the table', () => {
  const phases: Record<SenderPhase, true> = { idle: true, sending_text: true, sending_photos: true, fetching: true, waiting: true, offline: true, blocked: true }
  expect(Object.keys(phases).filter((phase) => !TABLE.some((each) => each.phase === phase))).toEqual([])
})

test('whatever the station refuses, the reason is a clause in plain words', () => {
  const odd = Object.keys(PROBLEMS).map(refused).filter((words) => /。$|[A-Za-z]{4,}/.test(words.replace(/\{\w+\}|https?|\.xlsx/g, '')))
  expect(odd).toEqual([])
})

test('a retry every minute is told once, and so is a photo after the other', () => {
  const state = (view: Partial<SenderView>, figures = WORK): string => workStatus(figures, { ...SENDER_AT_REST, ...view }, false).state
  const offline = state({ phase: 'offline', why: '没有信号', next_try_at: NEXT })
  expect(state({ phase: 'sending_text' })).toBe('')
  expect(state({ phase: 'offline', why: '没有信号', next_try_at: '2026-11-22T08:03:00.000Z' })).toBe(offline)
  expect(state({ phase: 'sending_photos', photos_left: 11 }, PHOTOS)).toBe(state({ phase: 'sending_photos', photos_left: 10 }, PHOTOS))
  expect(state({ phase: 'idle' }, ALL_SENT)).not.toBe(offline)
})

test('the time until the next try is round, and a clock that was moved makes no days of it', () => {
  const after = (seconds: number): string => tryWords(new Date(NOW + seconds * 1000).toISOString(), NOW)
  expect([-4, 3, 12, 61, 89, 91, 300, 86_400].map(after)).toEqual([
    '马上再试', '马上再试', '约 20 秒后再试', '约 70 秒后再试', '约 90 秒后再试', '约 2 分钟后再试', '约 5 分钟后再试', '约 60 分钟后再试',
  ])
})
