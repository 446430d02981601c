// Somebody with a phone: opens visits, writes, takes photos, finishes, answers the chief; on whichever page is open.
// What the phone answered is believed to the letter and written into the truth. It must not look below the front doors.

import { randomUUID } from 'node:crypto'
import type { Chance } from './chance.ts'
import type { Page } from './page.ts'
import { sha256 } from './station.ts'
import type { Truth } from './truth.ts'

type Handle = ReturnType<Page['app']['data']['useDraft']>
type StepKind = Parameters<Page['app']['data']['openStep']>[0]
type Outcome<T> = { ok: true; value: T } | { ok: false; code: string }

/** A draft as its writer remembers it. */
interface Memory {
  id: string
  kind: string
  subject: string
  hazards: string[]
  edits: number
  photos: Set<string>
  marks: string[]
  /** a page is writing into it: nobody types into two pages in the same moment */
  writing: Page | null
  aside: boolean
  over: boolean
}

const PHOTO_BYTES = [900, 4_000, 20_000, 60_000, 300_000]
const EDITS_MAX = 8
const DRAFTS_MAX = 5

export interface Place {
  sites: string[]
  area: string
}

export class Person {
  readonly account: string
  readonly name: string
  code: string | null = null
  private readonly memories = new Map<string, Memory>()
  private readonly handles = new WeakMap<Page, Map<string, Handle>>()
  private readonly chance: Chance
  private readonly pictures: Chance
  private readonly truth: Truth
  private readonly place: Place

  constructor(name: string, account: string, place: Place, { chance, pictures, truth }: { chance: Chance; pictures: Chance; truth: Truth }) {
    this.name = name
    this.account = account
    this.place = place
    this.chance = chance
    this.pictures = pictures
    this.truth = truth
  }

  get open(): Memory[] {
    return [...this.memories.values()].filter((each) => !each.over && !each.aside)
  }

  /** One thing a person does; resolves in a word when the phone has answered. Never when the page dies meanwhile. */
  act(page: Page): Promise<string> {
    const choose = this.chance.weighted<(page: Page) => Promise<string>>([
      [3, this.visit], [9, this.write], [7, this.photo], [3, this.finish], [0.5, this.takeOut], [2, this.feedback], [1, this.site],
      [3, this.step], [1.5, this.answer], [0.4, this.putAside], [0.5, this.again], [2, this.send],
    ])
    return choose.call(this, page)
  }

  // ---- visits and drafts ---------------------------------------------------------------------------

  async visit(page: Page): Promise<string> {
    if (this.open.length >= DRAFTS_MAX) return this.finish(page)
    const site = this.chance.pick(this.place.sites)
    const [list] = await page.app.data.listChecklists([])
    if (!list) return 'visit no checklist'
    const opened = await page.app.data.openDraft(site, list.id)
    if (opened.ok && page.alive) this.remember(opened.value, 'inspection.submitted', opened.value)
    return `visit ${told(opened)}`
  }

  private remember(id: string, kind: string, subject: string): Memory {
    const known = this.memories.get(id)
    if (known) return known
    const memory = { id, kind, subject, hazards: [], edits: 0, photos: new Set<string>(), marks: [], writing: null, aside: false, over: false }
    this.memories.set(id, memory)
    return memory
  }

  private handle(page: Page, id: string): Handle {
    const known = this.handles.get(page) ?? new Map<string, Handle>()
    this.handles.set(page, known)
    const handle = known.get(id) ?? page.app.data.useDraft(id)
    known.set(id, handle)
    return handle
  }

  async write(page: Page, memory: Memory | undefined = this.someDraft()): Promise<string> {
    if (!memory) return this.visit(page)
    if (memory.edits >= EDITS_MAX) return this.finish(page, memory)
    if (memory.writing?.alive && memory.writing !== page) return 'write elsewhere'
    memory.writing = page
    const [mark, own] = [this.truth.mark(this.name), this.chance.hits(0.3) ? this.truth.mark(this.name) : '']
    const hazard = page.app.data.newHazardDraft({ finding: `软管老化 ${mark}`, measure: '更换', ...(own ? { fix_owner: `张${own}` } : {}) })
    const stored = await this.handle(page, memory.id).change((draft) => {
      const written = draft as unknown as { type: string; fields: { [name: string]: string }; hazards: object[]; attendance: string; remark: string }
      if (written.type === 'step') {
        const field = memory.kind === 'hazard.noted' ? 'text' : memory.kind === 'hazard.resubmitted' ? 'reply' : 'note'
        written.fields[field] = `${written.fields[field] ?? ''}${mark}`
      } else {
        written.attendance = 'refused'
        written.hazards.push(hazard)
      }
    })
    memory.writing = null
    if (!page.alive) return 'write dead'
    if (stored) {
      memory.edits += 1
      const marks = memory.kind === 'inspection.submitted' && own ? [mark, own] : [mark]
      memory.marks.push(...marks)
      this.truth.stored(...marks)
      if (memory.kind === 'inspection.submitted') memory.hazards.push(hazard.id)
    }
    return `write ${memory.kind} ${String(stored)}`
  }

  private someDraft(): Memory | undefined {
    return this.open.length > 0 ? this.chance.pick(this.open) : undefined
  }

  async photo(page: Page): Promise<string> {
    const memory = this.someDraft()
    if (!memory || memory.edits === 0) return this.write(page, memory)
    const inspection = memory.kind === 'inspection.submitted'
    const subject = inspection && memory.hazards.length > 0 ? this.chance.pick([...memory.hazards, memory.id]) : memory.subject
    const role = !inspection ? 'after' : subject === memory.id ? 'scene' : 'before'
    const known = [...this.truth.photos.values()]
    const bytes = known.length > 0 && this.chance.hits(0.1) ? this.chance.pick(known).bytes : this.picture()
    const hash = sha256(bytes)
    if (!this.truth.photos.has(hash)) this.truth.photos.set(hash, { phone: this.name, bytes, certain: false })
    const file = { type: 'image/jpeg', arrayBuffer: () => Promise.resolve(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)) }
    const added = await page.app.data.addPhoto({ draft: memory.id, subject, role }, file as unknown as Blob)
    if (added.ok && page.alive) {
      memory.photos.add(`${subject} ${role} ${hash}`)
      ;(this.truth.photos.get(hash) as { certain: boolean }).certain = true
    }
    return `photo ${told(added)}`
  }

  private picture(): Buffer {
    const bytes = Buffer.alloc(this.chance.pick(PHOTO_BYTES))
    const head = this.pictures.fill(Buffer.alloc(800))
    for (let at = 0; at < bytes.length; at += head.length) head.copy(bytes, at)
    return bytes
  }

  async takeOut(page: Page): Promise<string> {
    const memory = this.open.find((each) => each.photos.size > 0)
    if (!memory) return 'take out nothing'
    const [slot] = memory.photos
    const [subject, role, hash] = (slot as string).split(' ') as [string, 'before', string]
    memory.photos.delete(slot as string)
    this.truth.unsure([], [hash])
    return `take out ${told(await page.app.data.removePhoto({ draft: memory.id, subject, role }, hash))}`
  }

  async finish(page: Page, memory: Memory | undefined = this.open.find((each) => each.edits > 0)): Promise<string> {
    if (!memory) return this.visit(page)
    const finished = await page.app.data.finishDraft(memory.id)
    // gone: handed over on the other page, or before the browser died
    if (page.alive && (finished.ok || finished.code === 'draft_gone')) memory.over = true
    return `finish ${memory.kind} ${told(finished)}`
  }

  async putAside(page: Page): Promise<string> {
    const memory = this.someDraft()
    if (!memory) return 'put aside nothing'
    // from now on it is only kept for a month
    this.truth.unsure(memory.marks, [...memory.photos].map((slot) => slot.split(' ')[2] ?? ''))
    memory.aside = true
    const done = await page.app.data.discardDraft(memory.id)
    return `put aside ${told(done)}`
  }

  // ---- statements ----------------------------------------------------------------------------------

  async feedback(page: Page): Promise<string> {
    const mark = this.truth.mark(this.name)
    const given = await page.app.data.giveFeedback(`意见 ${mark}`)
    if (given.ok && page.alive) this.truth.stored(mark)
    return `feedback ${told(given)}`
  }

  async site(page: Page): Promise<string> {
    const [mark, own] = [this.truth.mark(this.name), this.truth.mark(this.name)]
    const opened = await page.app.data.openStep('site.registered', null, { name: `面馆${mark}`, place_types: ['餐饮(瓶装液化气)'], area: this.place.area, owner_name: `王${own}` })
    const made = opened.ok ? await page.app.data.finishDraft(opened.value) : opened
    if (made.ok && page.alive) this.truth.stored(mark, own)
    return `site ${told(made)}`
  }

  async step(page: Page): Promise<string> {
    const hazards = await page.app.rowsOf('hazard')
    if (hazards.length === 0) return this.write(page)
    const hazard = this.chance.pick(hazards.map((row) => row.id).sort())
    const day = new Date(page.now()).toISOString().slice(0, 10)
    const [kind, fields] = this.chance.pick<[StepKind, { [name: string]: string }]>([
      ['hazard.noted', {}], ['hazard.fix_reported', { fixed_on: day }], ['hazard.rechecked', { rechecked_on: day, result: 'fixed' }],
    ])
    const opened = await page.app.data.openStep(kind, hazard, fields)
    if (!opened.ok || !page.alive) return `step ${told(opened)}`
    return `step ${await this.write(page, this.remember(opened.value, kind, hazard))}`
  }

  /** Work the chief gave back. */
  async answer(page: Page): Promise<string> {
    const returned = (await page.app.rowsOf('hazard', { states: ['returned'] })).sort((a, b) => (a.id < b.id ? -1 : 1))[0]
    if (!returned) return 'answer nothing'
    const opened = await page.app.data.correct(returned)
    if (!opened.ok || !page.alive) return `answer ${told(opened)}`
    return `answer ${await this.write(page, this.remember(opened.value, 'hazard.resubmitted', returned.id))}`
  }

  async again(page: Page): Promise<string> {
    return `again ${told(await page.app.data.tryParkedAgain())}`
  }

  send(page: Page): Promise<string> {
    page.app.data.useSender().sendNow()
    return Promise.resolve('send')
  }

  // ---- the phone itself ----------------------------------------------------------------------------

  async enrol(page: Page): Promise<string> {
    if (this.code === null) return 'no code'
    const enrolled = await page.app.later.enrol(this.code)
    // a code that was used or ran out is of no more use
    if (page.alive && (enrolled.ok || enrolled.code.startsWith('code-'))) this.code = null
    return `enrol ${told(enrolled)}`
  }

  /** The end of the day: nothing stays begun. */
  async finishAll(page: Page): Promise<string> {
    for (const memory of [...this.memories.values()].filter((each) => !each.over)) {
      if (memory.aside) await page.app.data.restoreDraft(memory.id)
      memory.aside = false
      if (memory.edits === 0) await this.write(page, memory)
      await this.finish(page, memory)
    }
    // what nobody heard of: a visit that was opened just before the browser died
    for (const draft of await page.app.openDrafts()) {
      if (!this.memories.has(draft.id)) await this.write(page, this.remember(draft.id, draft.type === 'step' ? draft.kind : 'inspection.submitted', draft.type === 'step' ? draft.subject : draft.id))
      await page.app.data.finishDraft(draft.id)
    }
    return 'all finished'
  }
}

function told<T>(outcome: Outcome<T>): string {
  return outcome.ok ? 'ok' : outcome.code
}

export const newId = (): string => randomUUID()
