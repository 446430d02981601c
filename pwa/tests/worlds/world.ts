// One world: a seed, a few phones with the real code, their people, a line, and the steps they take against the real station.
// At every step one small thing begins; then everything on the phones runs until only the line and the clock are waited for.
// When the steps are over faults stop, everything is handed over in a bounded number of rounds, and the checks speak.

import { createHash } from 'node:crypto'
import type { PhoneCode } from './bundle.ts'
import { Chance } from './chance.ts'
import { Watched, checkLedger, checkRows } from './checks.ts'
import { Device } from './device.ts'
import { Network } from './network.ts'
import { Page, type Surroundings } from './page.ts'
import { newId, Person } from './person.ts'
import type { Station } from './station.ts'
import { Timers } from './timers.ts'
import { Truth } from './truth.ts'
import type { PhotoRecord } from '../../src/db/user.ts'

export const STEPS = 110
const ROUNDS_MAX = 6
const REQUESTS_PER_ROUND_MAX = 400
/** making an index in a new database takes a turn of the loop each, and nobody hears of it */
const QUIET_TICKS = 48
const TICKS_MAX = 200_000
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** longer than any wait between two tries, and than any request that nobody answers */
const PATIENCE_MS = 2 * MINUTE_MS
/** a save is over within a dozen events, handing over within some dozens */
const KILLED_WITHIN_EVENTS = [6, 14, 30, 30, 80]
const CLOCK_ERRORS_MS = [0, 0, 0, 3 * MINUTE_MS, -20 * MINUTE_MS, 3 * DAY_MS, -40 * DAY_MS, 5 * 365 * DAY_MS, -8 * 365 * DAY_MS]
const TROUBLES = [0, 0.1, 0.3, 0.6]
const WORDS_DOUBT = 'log_doubt'

export interface Lived {
  seed: number
  wrongs: string[]
  facts: number
  photos: number
  kills: number
  faults: number
  fingerprint: string
  trace: string[]
}

/** A phone, whoever carries it, and what stood on its disk. */
interface Carried {
  device: Device
  person: Person
  watched: Watched
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export class World implements Surroundings {
  pending = 0
  activity = 0
  readonly timers = new Timers(Date.now())
  readonly network: Network
  readonly dice: Chance
  readonly truth = new Truth()
  readonly trace: string[] = []
  private kills = 0
  private faults = 0
  private readonly chance: Chance
  private readonly carried: Carried[] = []
  private readonly accounts: string[] = []
  private readonly areas: string[] = []
  private readonly sites: string[] = []
  private readonly station: Station
  private readonly code: PhoneCode
  /** photos of a seed that is run again are other photos: the station never sees one twice */
  private readonly pictures: Chance

  constructor(seed: number, run: string, station: Station, code: PhoneCode) {
    this.chance = new Chance(`phones ${seed}`)
    this.dice = new Chance(`dice ${seed}`)
    this.pictures = new Chance(`pictures ${seed} ${run}`)
    this.station = station
    this.code = code
    this.network = new Network(this.chance, station.origin, station.agent, 0)
  }

  private note(words: string): void {
    this.trace.push(words)
  }

  // ---- beginning -----------------------------------------------------------------------------------

  private async settleIn(): Promise<void> {
    const people = this.chance.pick([1, 2, 2])
    const [area, other, ...sites] = [newId(), newId(), newId(), newId()]
    const accounts = Array.from({ length: people }, newId)
    const account = (id: string) => {
      const [set, grant] = [newId(), newId()]
      return [
        { id: set, kind: 'account.set', subject: id, after: [], body: { login: `w${id.slice(0, 18)}`, active: true }, private: { name: '安娜' } },
        { id: grant, kind: 'grant.set', subject: id, after: [set], body: { roles: ['inspector'], areas: [area] } },
      ]
    }
    const place = (id: string) => ({ id: newId(), kind: 'area.set', subject: id, after: [], body: { name: `网格${id.slice(0, 4)}`, level: 'village' } })
    const site = (id: string) => ({ id: newId(), kind: 'site.registered', subject: id, after: [], body: { name: `面馆${id.slice(0, 4)}`, place_types: ['餐饮(瓶装液化气)'], area } })
    await this.station.decide([...[area, other].map(place), ...accounts.flatMap(account), ...sites.map(site)])
    this.accounts.push(...accounts)
    this.areas.push(area, other)
    this.sites.push(...sites)
    const phones = this.chance.pick([people, people + 1])
    for (let i = 0; i < phones; i++) await this.takeOut(`${'abc'[i] ?? 'd'}${i}`, accounts[i % people] as string, { sites, area })
  }

  /** A phone out of its box, enrolled and filled while all is well. */
  private async takeOut(name: string, account: string, place: { sites: string[]; area: string }): Promise<void> {
    const device = new Device(name, { locks: this.chance.hits(0.7), packs: this.chance.hits(0.7), clockErrorMs: this.chance.pick(CLOCK_ERRORS_MS) })
    const person = new Person(name, account, place, { chance: this.chance, pictures: this.pictures, truth: this.truth })
    this.carried.push({ device, person, watched: new Watched(device, this.truth, this.station) })
    person.code = await this.station.code(account)
    const page = this.start(device)
    this.begin(page, () => person.enrol(page))
    await this.calmly()
    const identity = this.carried[this.carried.length - 1]?.watched.identity()
    if (!identity) throw new Error(`phone ${name} could not be enrolled: ${this.trace.slice(-5).join('; ')}`)
    this.station.knowKey(identity.server_key)
  }

  private start(device: Device): Page {
    const page = new Page(device, this, this.code, this.station.origin)
    device.pages.push(page)
    return page
  }

  // ---- steps ---------------------------------------------------------------------------------------

  async live(steps: number): Promise<void> {
    await this.settleIn()
    const pick = (): number => this.chance.random()
    this.network.trouble = this.chance.pick(TROUBLES)
    const choices = [
      [16, this.personActs], [26, this.travels], [3, this.everythingAtOnce], [4, this.timePasses], [0.8 * pick(), this.drawer], [1.5 * pick(), this.killed],
      [3 + 5 * pick(), this.killedInside], [1.2 * pick(), this.secondPage], [1 * pick(), this.roomEnds], [1 * pick(), this.disconnected], [1 * pick(), this.lateArrives],
      [1 * pick(), this.deskActs], [1.5 * pick(), this.scopeChanges], [1 * pick(), this.siteMoves], [0.25 * pick(), this.revoked], [0.3 * pick(), this.clockMoves], [0.25 * pick(), this.evicted],
      [0.6 * pick(), this.hides],
    ] as const
    for (let step = 0; step < steps; step++) {
      const act = this.chance.weighted<() => Promise<string> | string>(choices)
      this.note(`${act.name} ${await act.call(this)}`)
      await this.quiet()
      this.look()
    }
  }

  /** A phone with a page: one that has none is taken out of the pocket. */
  private somePage(): { page: Page; carried: Carried } {
    const carried = this.chance.pick(this.carried)
    const page = carried.device.pages.length > 0 ? this.chance.pick(carried.device.pages) : this.start(carried.device)
    return { page, carried }
  }

  private begin(page: Page, work: () => Promise<string>): void {
    page.busy += 1
    const over = (): void => void (page.busy -= 1)
    work().then(
      (told) => {
        if (page.alive) this.note(`${page.device.name} says ${told}`)
        over()
      },
      (error: unknown) => {
        if (page.alive) this.truth.wrong('fault', `a screen was thrown ${String((error as Error).stack)}`)
        over()
      },
    )
  }

  private personActs(): string {
    const { page, carried } = this.somePage()
    const identity = carried.watched.identity()
    if (identity?.revoked || identity?.signed_out) return this.wantsCode(page, carried)
    this.begin(page, () => carried.person.act(page))
    return carried.device.name
  }

  private wantsCode(page: Page, { person, device }: Carried): string {
    this.begin(page, async () => {
      person.code ??= await this.outside(this.station.code(person.account))
      return person.enrol(page)
    })
    return `${device.name} asks for a code`
  }

  /** Something the world does itself, which no page waits for. */
  private async outside<T>(work: Promise<T>): Promise<T> {
    this.pending += 1
    return work.finally(() => (this.pending -= 1))
  }

  private async travels(): Promise<string> {
    return this.network.carry()
  }

  /** Two pages and the line in the same moment, or one page doubly. */
  private async everythingAtOnce(): Promise<string> {
    const { carried } = this.somePage()
    const other = this.chance.hits(0.6) && carried.device.pages.length < 2 ? this.start(carried.device) : null
    const pages = [...carried.device.pages]
    const arrives = await this.network.fetched()
    const open = carried.person.open.find((each) => each.edits > 0)
    for (const page of pages) this.begin(page, () => (open && this.chance.hits(0.6) ? carried.person.finish(page, open) : carried.person.act(page)))
    for (let ticks = this.chance.int(12); ticks > 0; ticks--) await tick()
    return `${carried.device.name} ${pages.length}${other ? ' new' : ''} ${arrives()}`
  }

  private timePasses(): string {
    const next = this.timers.next()
    const some = this.chance.pick([1_000, 10_000, MINUTE_MS, 10 * MINUTE_MS])
    this.timers.now = this.chance.hits(0.5) && next !== null ? Math.max(this.timers.now, next) : this.timers.now + some
    this.timers.fire()
    return ''
  }

  /** Weeks without being looked at: what is old and safe goes, nothing else. */
  private drawer(): string {
    const days = this.chance.pick([2, 12, 33])
    this.timers.now += days * DAY_MS
    const { page, carried } = this.somePage()
    this.begin(page, async () => {
      // the station's clock is a real one and stands still meanwhile: the days it would have been heard on are counted here
      const { count = 0, station = '', phone = '' } = (await page.app.me())?.days ?? {}
      const counted = page.app.updateIdentity({ days: { count: count + days, station, phone } }) // no room, no days
      return counted.then(() => page.app.tidy()).then(() => 'tidied', () => 'not tidied') // as the app's own start does: another time, then
    })
    return carried.device.name
  }

  // ---- mishaps -------------------------------------------------------------------------------------

  private killed(): string {
    const { page, carried } = this.somePage()
    page.kill()
    this.kills += 1
    return carried.device.name
  }

  /** It dies at one of the events that something just begun waits for. */
  private async killedInside(): Promise<string> {
    const { page, carried } = this.somePage()
    const arrives = this.chance.hits(0.5) ? await this.network.fetched() : () => ''
    page.killIn = 1 + this.chance.int(this.chance.pick(KILLED_WITHIN_EVENTS))
    this.kills += 1
    const begun = carried.person.open.some((each) => each.edits > 0)
    const work = this.chance.weighted<(page: Page) => Promise<string>>([
      [begun ? 3 : 0, (where) => carried.person.finish(where)], [3, (where) => carried.person.send(where)], [2, (where) => carried.person.feedback(where)],
      [3, (where) => carried.person.act(where)],
    ])
    this.begin(page, () => work(page))
    return `${carried.device.name} ${arrives()}`
  }

  private secondPage(): string {
    const { device } = this.chance.pick(this.carried)
    if (device.pages.length >= 2) this.chance.pick(device.pages).kill()
    else this.start(device)
    return `${device.name} ${device.pages.length}`
  }

  private roomEnds(): string {
    const { page, carried } = this.somePage()
    const { disk, name } = carried.device
    disk.room = disk.room === null ? this.chance.pick([0, 1_000, 30_000]) : null
    disk.late = this.chance.hits(0.4)
    if (disk.room !== null && this.chance.hits(0.6)) this.begin(page, () => carried.person.photo(page)) // where most people notice it
    return `${name} ${String(disk.room)} ${String(disk.late)}`
  }

  private disconnected(): string {
    const { page, carried } = this.somePage()
    const told = this.chance.hits(0.5)
    if (this.chance.hits(0.5)) this.begin(page, () => carried.person.act(page))
    carried.device.disk.disconnect(page, told)
    return `${carried.device.name} ${String(told)}`
  }

  private async lateArrives(): Promise<string> {
    return this.network.deliverLate()
  }

  private async deskActs(): Promise<string> {
    const { watched } = this.chance.pick(this.carried)
    const sent = [...watched.facts.values()].filter((fact) => fact.state === 'receipted' && /^(hazard.found|inspection.submitted)$/.test(fact.kind)).sort((a, b) => a.n - b.n)
    const fact = sent.length > 0 ? this.chance.pick(sent) : null
    if (!fact) return 'nothing there'
    const remarks = [{ field: 'finding', text: '请写清楚' }]
    if (fact.kind === 'inspection.submitted') return String(await this.station.decideAbout('inspection', fact.subject, 'inspection.reviewed', this.chance.hits(0.5) ? { outcome: 'accepted' } : { outcome: 'returned', remarks }))
    const [kind, body] = this.chance.hits(0.6) ? ['hazard.returned', { remarks }] : ['hazard.confirmed', { level: 'general' }]
    return `${String(kind)} ${String(await this.station.decideAbout('hazard', fact.subject, kind as string, body as object))}`
  }

  private async scopeChanges(): Promise<string> {
    const [area, other] = this.areas
    const areas = this.chance.pick([[area], [area, other], [other, area]])
    return String(await this.station.decideAbout('account', this.chance.pick(this.accounts), 'grant.set', { roles: ['inspector'], areas }))
  }

  /** To the other area: who may not see that one loses it, and finds it again when it comes back. */
  private async siteMoves(): Promise<string> {
    const [site, area] = [this.chance.pick(this.sites), this.chance.pick(this.areas)]
    return String(await this.station.decideAbout('site', site, 'site.amended', { area }))
  }

  private async revoked(): Promise<string> {
    const { watched, device } = this.chance.pick(this.carried)
    const enrolment = watched.identity()?.enrolment
    if (!enrolment || this.truth.revoked.has(enrolment)) return 'none'
    this.truth.revoked.add(enrolment)
    await this.station.revoke(enrolment)
    return device.name
  }

  private clockMoves(): string {
    const { device } = this.chance.pick(this.carried)
    device.clockErrorMs = this.chance.pick(CLOCK_ERRORS_MS)
    return device.name
  }

  private evicted(): string {
    const { device, watched } = this.chance.pick(this.carried)
    const photo = watched.read<PhotoRecord>('photos').find((each) => each.state === 'waiting')
    if (!photo) return 'none'
    device.disk.evict('gi', 'photoBodies', photo.sha256)
    this.truth.evicted.add(photo.sha256)
    return device.name
  }

  private hides(): string {
    const { page, carried } = this.somePage()
    page.visible = !page.visible
    page.emit('visibilitychange')
    return `${carried.device.name} ${String(page.visible)}`
  }

  // ---- rest ----------------------------------------------------------------------------------------

  /** Until nothing is under way but requests and timers. */
  private async quiet(): Promise<void> {
    let [seen, still] = [-1, 0]
    for (let ticks = 0; still < QUIET_TICKS; ticks++) {
      if (ticks > TICKS_MAX) throw new Error('I17: a phone never comes to rest')
      await tick()
      this.timers.fire()
      still = this.pending === 0 && this.activity === seen ? still + 1 : 0
      seen = this.activity
    }
  }

  private look(): void {
    for (const { device, watched } of this.carried) {
      watched.check()
      for (const page of device.pages) {
        const problem = page.app.data.useSender().sender.value.problem
        if (problem?.code === WORDS_DOUBT) this.truth.wrong('I7', `${device.name} doubts an honest station`)
        if (problem?.code === 'number_reused') this.truth.wrong('I15', `${device.name} is told that it used a number twice`)
      }
    }
  }

  /** Lets everything that waits travel, and nobody lose patience. */
  private async calmly(): Promise<void> {
    for (let requests = 0; ; requests++) {
      await this.quiet()
      if (this.network.waiting.length === 0) return
      if (requests > REQUESTS_PER_ROUND_MAX) throw new Error('I17: a phone never stops asking')
      this.note(await this.network.carry())
    }
  }

  /** Faults stop: everything is finished and handed over in a bounded number of rounds. */
  async comeToRest(): Promise<void> {
    this.faults = [...this.network.fates].reduce((sum, [fate, count]) => sum + (fate === 'ok' ? 0 : count), 0)
    this.network.trouble = 0
    for (const { device } of this.carried) device.disk.room = null
    for (const { device } of this.carried) for (const page of device.pages) page.killIn = null
    for (let round = 0; ; round++) {
      while (this.network.late.length > 0) await this.network.deliverLate()
      for (const carried of this.carried) await this.lastLook(carried, round === 0)
      const left = this.carried.filter(({ watched }) => watched.read('outbox').length > 0).map(({ device }) => device.name)
      this.look()
      if (left.length === 0 && round > 0) break
      if (round >= ROUNDS_MAX) return this.truth.wrong('I17', `after ${ROUNDS_MAX} rounds ${left.join(', ')} still keeps something: ${this.stuck()}`)
    }
    await this.heard() // once more, so that every phone has heard of the others' last
    if (this.chance.hits(0.3)) await this.areasDrawnAnew()
    this.look()
  }

  private async heard(): Promise<void> {
    for (const { device } of this.carried) device.pages[0]?.emit('online')
    await this.calmly()
  }

  /** Wider, a site given away, and narrow again: rows come whole three times, and what nobody may see any more has to go. */
  private async areasDrawnAnew(): Promise<void> {
    const [area, other] = this.areas
    for (const [areas, lies] of [[[area], area], [[area, other], other], [[area], other]] as const) {
      for (const account of this.accounts) await this.station.decideAbout('account', account, 'grant.set', { roles: ['inspector'], areas })
      await this.heard()
      await this.station.decideAbout('site', this.sites[0] as string, 'site.amended', { area: lies })
      await this.heard()
    }
  }

  private stuck(): string {
    return this.carried.map(({ watched }) => JSON.stringify(watched.read<{ key: string }>('outbox').slice(0, 3).map((entry) => entry.key.slice(0, 12)))).join(' ')
  }

  private async lastLook(carried: Carried, first: boolean): Promise<void> {
    const { device, person } = carried
    const page = device.pages[0] ?? this.start(device)
    for (const other of device.pages.slice(1)) other.kill()
    page.visible = true
    this.timers.now += PATIENCE_MS
    await this.calmly()
    const identity = carried.watched.identity()
    if (identity?.revoked || identity?.signed_out) this.wantsCode(page, carried)
    await this.calmly()
    if (first) this.begin(page, () => person.finishAll(page))
    await this.calmly()
    this.begin(page, () => person.again(page))
    page.app.data.useSender().sendNow()
    await this.calmly()
    this.note(`${device.name} ends ${page.app.data.useSender().sender.value.phase}`)
  }

  // ---- the verdict ---------------------------------------------------------------------------------

  async judge(): Promise<void> {
    const ledger = this.station.factsOf(this.accounts)
    await checkLedger(ledger, this.carried.map(({ watched }) => watched), this.truth, this.station)
    for (const { watched } of this.carried) {
      const identity = watched.identity()
      if (identity && !identity.revoked && !identity.signed_out) checkRows(watched, await this.snapshot(identity.token), ledger, this.truth)
    }
  }

  private async snapshot(token: string): Promise<{ type: string; id: string; row: object }[]> {
    const rows: { type: string; id: string; row: object }[] = []
    for (let query = ''; ; ) {
      const reply = await this.network.send({ method: 'GET', path: `/api/v1/sync/snapshot?${query}limit=500`, headers: { Authorization: `Bearer ${token}` }, body: null })
      const page = JSON.parse(reply.body.toString()) as { rows: typeof rows; next: string | null; cursor: string }
      rows.push(...page.rows)
      if (page.next === null) return rows
      query = `at=${page.cursor}&after=${page.next}&`
    }
  }

  lived(seed: number): Lived {
    const sum = (of: (watched: Watched) => number): number => this.carried.reduce((total, { watched }) => total + of(watched), 0)
    return {
      seed, wrongs: this.truth.wrongs, facts: sum((watched) => watched.facts.size), photos: sum((watched) => watched.photos.size), kills: this.kills, faults: this.faults,
      fingerprint: createHash('sha256').update(this.trace.join('\n')).digest('hex'), trace: this.trace,
    }
  }

  end(): void {
    for (const { device } of this.carried) for (const page of [...device.pages]) page.kill()
  }
}

/** Run one world to its end and check it. `run` keeps a seed that is repeated at the same station apart from the first time. */
export async function runWorld(seed: number, station: Station, code: PhoneCode, run = ''): Promise<Lived> {
  const world = new World(seed, run, station, code)
  try {
    await world.live(STEPS)
    await world.comeToRest()
    await world.judge()
  } catch (error) {
    world.truth.wrong('crash', String((error as Error).stack ?? error))
  } finally {
    world.end()
  }
  return world.lived(seed)
}
