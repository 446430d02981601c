// Drafts: every change is saved strictly, in order, and is called saved only after the commit.
// The save goes first: it is with the disk before the screen draws the change, which waits for it a moment.
// One keeper per draft holds what was typed until it is certain; it must not know what a checklist is.

import { computed, getCurrentScope, onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { clearEmergency, getEmergency, putEmergency } from '../db/emergency'
import { readUser, withUser } from '../db/access'
import { strictPut } from '../db/strict_put'
import type { DraftRecord } from '../db/user'
import { instant, now } from '../lib/time'
import { merge } from '../lib/merge'
import { share } from '../lib/share'
import { uuid7 } from '../lib/uuid7'
import { daysHeard } from './days'
import { me } from './identity'
import { lateRef } from './late_ref'
import { Refusal, attempt, troubleOf } from './outcome'
import { photosOfDraft } from './photo_store'
import { changed, changedElsewhere, onChanged } from './signal'
import type { Draft, HazardDraft, InspectionDraft, Outcome, PhotoView, SaveState, StepDraft } from './types'

export const DISCARDED_DRAFT_KEPT_DAYS = 30
/** a person sees what a tap did after so long at the latest, stored or not */
const DRAW_WAIT_MS_MAX = 60
const WORDS_SAVED = '每一下都已存好'
const WORDS_SAVING = '正在存'

export interface DraftHandle<D extends Draft> {
  draft: Readonly<ShallowRef<D | null>>
  /** the draft and its photos were read */
  ready: Readonly<Ref<boolean>>
  saved: Readonly<Ref<SaveState>>
  words: Readonly<Ref<string>>
  photos: Readonly<ShallowRef<PhotoView[]>>
  /** true once this very change is stored */
  change: (edit: (draft: D) => void) => Promise<boolean>
  /** tries again what failed; true when everything typed is stored */
  settle: () => Promise<boolean>
}

// ---- records -----------------------------------------------------------------------------------

export function draftOf(record: DraftRecord): Draft {
  return JSON.parse(record.text) as Draft
}

export function recordOf(draft: Draft): DraftRecord {
  const step = draft.type === 'step'
  return {
    id: draft.id,
    type: draft.type,
    kind: step ? draft.kind : null,
    site: draft.site,
    checklist: step ? null : draft.checklist,
    subject: step ? draft.subject : draft.id,
    updated_at: draft.updated_at,
    revision: draft.revision,
    discarded_at: null,
    text: JSON.stringify(draft),
  }
}

/** The stored draft, or the newer words that the emergency slot caught when storing failed. */
export async function readDraft(id: string): Promise<Draft | null> {
  return (await readBoth(id)).newest
}

async function readBoth(id: string): Promise<{ stored: Draft | null; newest: Draft | null }> {
  const record = await withUser((db) => db.drafts.get(id))
  const caught = getEmergency(id)
  if (!record || record.discarded_at !== null) return { stored: null, newest: null }
  const stored = draftOf(record)
  const rescued = caught === null ? null : (JSON.parse(caught) as Draft)
  return { stored, newest: rescued && rescued.revision > stored.revision ? rescued : stored }
}

export async function insertDraft(draft: Draft): Promise<void> {
  await withUser((db) => db.drafts.put(recordOf(draft)))
  changed('drafts')
}

export async function openDrafts(): Promise<Draft[]> {
  const records = await readUser(['drafts'], (from) => from.all<DraftRecord>('drafts'))
  return records.filter((record) => record.discarded_at === null).map(draftOf).sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1))
}

// ---- one keeper per draft ----------------------------------------------------------------------

class Keeper {
  readonly draft = lateRef<Draft | null>(null)
  readonly state = lateRef<SaveState>('saved')
  readonly words = lateRef(WORDS_SAVED)
  readonly ready = ref(false)
  readonly id: string
  users = 0
  /** the draft as the database held it when this page last read or wrote it */
  private stored: Draft | null = null
  /** finished or put aside: whatever is still under way must not touch anything any more */
  private over = false
  private dirty = false
  private loading: Promise<void> | null = null
  private writing: Promise<boolean> | null = null
  private drawing: ReturnType<typeof setTimeout> | null = null

  constructor(id: string) {
    this.id = id
  }

  private say(state: SaveState, words: string): void {
    this.state.set(state)
    this.words.set(words)
  }

  /** Everything that is shown at once, so that no screen is drawn twice for one change. */
  private draw(): void {
    if (this.drawing !== null) clearTimeout(this.drawing)
    this.drawing = null
    for (const each of [this.draft, this.state, this.words]) each.tell()
  }

  load(): Promise<void> {
    this.loading ??= this.read()
    return this.loading
  }

  private async read(): Promise<void> {
    try {
      const { stored, newest } = await readBoth(this.id)
      if (this.over) return
      if (this.mayShow(newest)) {
        this.draft.set(newest)
        this.stored = stored
      }
      this.draw()
      // words from the emergency slot are only safe once they are in the database again
      if (newest && getEmergency(this.id) !== null) {
        this.dirty = true
        void this.write()
      }
    } catch (error) {
      this.fail(error)
    } finally {
      this.ready.value = true
      this.loading = null
    }
  }

  /** A read that was slower than a tap must not bring older words back. */
  private mayShow(stored: Draft | null): boolean {
    if (this.dirty || this.writing) return false
    return stored === null || stored.revision >= (this.draft.ref.value?.revision ?? 0)
  }

  /** Nothing in here may wait once the draft is known: the put is asked for in the very step of the tap. */
  async change(edit: (draft: Draft) => void): Promise<boolean> {
    if (!this.draft.ref.value) await this.load()
    const current = this.draft.ref.value
    if (!current) return false
    const next = JSON.parse(JSON.stringify(current)) as Draft
    edit(next)
    next.updated_at = instant(now())
    next.revision = current.revision + 1
    this.draft.set(share(current, next)) // only what changed is drawn anew
    this.dirty = true
    this.say('saving', WORDS_SAVING)
    this.drawing ??= setTimeout(() => this.draw(), DRAW_WAIT_MS_MAX)
    return this.write()
  }

  /** One writer at a time; it goes on until nothing newer is waiting, so the last words always win. */
  write(): Promise<boolean> {
    if (this.writing) return this.writing
    if (this.over) return Promise.resolve(false)
    if (!this.dirty || !this.draft.ref.value) return Promise.resolve(true)
    this.writing = this.writeAll()
    return this.writing
  }

  private async writeAll(): Promise<boolean> {
    for (let draft = this.draft.ref.value; this.dirty && draft; draft = this.draft.ref.value) {
      this.dirty = false
      const record = recordOf(draft)
      try {
        await saveRecord(record, this.stored)
        this.stored = draft
      } catch (error) {
        this.dirty = true
        if (error instanceof Overtaken) {
          this.takeIn(error.stored)
          continue
        }
        this.fail(error, record)
        this.writing = null
        return false
      }
    }
    clearEmergency(this.id)
    changedElsewhere('drafts')
    this.say('saved', WORDS_SAVED)
    this.draw()
    this.writing = null // in the same step as leaving the loop: a change just after this starts a new writer
    return true
  }

  /** Another tab stored something meanwhile: what was typed here goes on top of it. */
  private takeIn(theirs: Draft): void {
    const mine = this.draft.ref.value
    if (!mine) return
    const both = merge(this.stored, mine, theirs)
    both.revision = Math.max(mine.revision, theirs.revision) + 1
    this.draft.set(share(mine, both))
    this.stored = theirs
  }

  private fail(error: unknown, record?: DraftRecord): void {
    const trouble = troubleOf(error)
    const caught = record !== undefined && putEmergency(record.id, record.text)
    this.say('failed', record === undefined || caught ? trouble.words : `${trouble.words}。先别关这一页`)
    this.draw()
  }

  end(): void {
    this.over = true
    this.draft.set(null)
    this.draw()
  }

  settle(): Promise<boolean> {
    return this.dirty || this.writing ? this.write() : Promise.resolve(true)
  }

  /** Another tab or finishing changed it: read again, unless something typed here is not stored yet. */
  refresh(): void {
    if (!this.dirty && !this.writing) void this.load()
  }
}

/** The draft was stored by another tab since this one last saw it. */
class Overtaken extends Refusal {
  readonly stored: Draft

  constructor(stored: Draft) {
    super('draft_overtaken', '这一份刚在别的页面改过，请再点一次', true)
    this.stored = stored
  }
}

/** Only over what this page knew: a late save must not bring a finished draft back, nor take another tab's words away. */
function saveRecord(record: DraftRecord, known: Draft | null): Promise<void> {
  return withUser((db) => strictPut(db, 'drafts', record, (before: DraftRecord | undefined) => mayBeReplaced(before, record, known)))
}

function mayBeReplaced(before: DraftRecord | undefined, record: DraftRecord, known: Draft | null): void {
  if (!before || before.discarded_at !== null) throw new Refusal('draft_gone', '这一份已经交出或收起，改动没有存')
  if (before.revision === known?.revision && before.updated_at === known.updated_at) return
  if (before.text === record.text) return // this very save, tried again after its answer was lost
  throw new Overtaken(draftOf(before))
}

const keepers = new Map<string, Keeper>()

function keeperOf(id: string): Keeper {
  let keeper = keepers.get(id)
  if (!keeper) keepers.set(id, (keeper = new Keeper(id)))
  return keeper
}

/** Everything typed into a draft is stored; before it is finished. */
export async function settleDraft(id: string): Promise<boolean> {
  return (await keepers.get(id)?.settle()) ?? true
}

export function forgetKeeper(id: string): void {
  keepers.get(id)?.end()
  keepers.delete(id)
  clearEmergency(id)
}

function handle<D extends Draft>(id: string): DraftHandle<D> {
  const keeper = keeperOf(id)
  const photos = shallowRef<PhotoView[]>([])
  const photosRead = ref(false)
  const readPhotos = async (): Promise<void> => {
    photos.value = await photosOfDraft(id).catch(() => photos.value)
    photosRead.value = true
  }
  const stops = [onChanged(['drafts'], () => keeper.refresh()), onChanged(['photos'], () => void readPhotos())]
  keeper.users += 1
  if (getCurrentScope()) {
    onScopeDispose(() => {
      stops.forEach((stop) => stop())
      keeper.users -= 1
      if (keeper.users === 0 && keeper.state.ref.value === 'saved') keepers.delete(id)
    })
  }
  void keeper.load()
  void readPhotos()
  return {
    draft: keeper.draft.ref as unknown as ShallowRef<D | null>,
    ready: computed(() => keeper.ready.value && photosRead.value),
    saved: keeper.state.ref,
    words: keeper.words.ref,
    photos,
    change: (edit) => keeper.change(edit as (draft: Draft) => void),
    settle: () => keeper.settle(),
  }
}

export function useDraft(id: string): DraftHandle<InspectionDraft> {
  return handle<InspectionDraft>(id)
}

export function useStep(id: string): DraftHandle<StepDraft> {
  return handle<StepDraft>(id)
}

// ---- putting aside -----------------------------------------------------------------------------

export async function discardDraft(id: string): Promise<Outcome<null>> {
  return attempt(async () => {
    if (!(await settleDraft(id))) throw new Refusal('draft_unsaved', '刚才写的还没存进手机，请再点一次', true)
    const discarded_day = daysHeard(await me())
    await withUser((db) => db.drafts.update(id, { discarded_at: instant(now()), discarded_day }))
    forgetKeeper(id)
    changed('drafts')
    return null
  })
}

export async function restoreDraft(id: string): Promise<Outcome<null>> {
  return attempt(async () => {
    await withUser((db) => db.drafts.update(id, { discarded_at: null }))
    changed('drafts')
    return null
  })
}

// ---- beginnings --------------------------------------------------------------------------------

export function newHazardDraft(start: Partial<HazardDraft>): HazardDraft {
  return {
    id: uuid7(now()),
    item: null,
    spot: '',
    finding: '',
    category: '',
    level: 'general',
    basis: '',
    disposition: 'by_deadline',
    measure: '',
    deadline: null,
    handoff: '',
    fix_owner: '',
    fix_owner_phone: '',
    spot_fixed: false,
    spot_fixed_note: '',
    done: false,
    ...start,
  }
}
