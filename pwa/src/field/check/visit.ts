// One visit while it is open: draft, checklist, site, previous answers and the evaluation that follows every tap.
// Screens of a visit share this; saving is done by data/, judging by rules/.

import { computed, effectScope, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import { lastInspection, loadChecklist, newHazardDraft, stationSettings, useDraft, useSite, type DraftHandle, type HazardDraft, type InspectionDraft } from '@/data'
import type { SiteRow } from '@/contract/wire'
import { judging, type Judging } from '@/rules/judging'
import type { Checklist, Evaluation, HazardToFind, Item, Surroundings } from '@/rules/types'
import { useHere } from '../here'
import { answerValues, datesToCarry, hazardStart, settleDraft } from './visit_plan'

export interface Visit {
  handle: DraftHandle<InspectionDraft>
  checklist: Readonly<ShallowRef<Checklist | null>>
  site: ComputedRef<SiteRow | null>
  previous: Readonly<ShallowRef<Record<string, unknown>>>
  evaluation: ComputedRef<Evaluation | null>
  /** dates of the last visit that still hold: one tap may take them over */
  carriable: () => Item[]
  /** an edit, and everything that follows from it, saved together */
  edit: (change: (draft: InspectionDraft) => void) => Promise<boolean>
  hazardFor: (toFind: HazardToFind) => Promise<string | null>
}

const NO_FILE = {}

function plainPhone(phone: string | null | undefined): string {
  return phone && !phone.includes('*') ? phone : '' // the station masks phones; a masked one is no phone to write down
}

export function useVisit(id: string): Visit {
  const handle = useDraft(id)
  const { today } = useHere()
  const checklist = shallowRef<Checklist | null>(null)
  const previous = shallowRef<Record<string, unknown>>({})
  const settings = shallowRef<Record<string, unknown>>({})
  const siteView = shallowRef<ReturnType<typeof useSite> | null>(null)
  const scope = effectScope()
  onScopeDispose(() => scope.stop())

  watch(() => handle.draft.value?.id, async (known) => {
    const draft = handle.draft.value
    if (!known || !draft) return
    siteView.value = scope.run(() => useSite(draft.site)) ?? null
    const [text, last, own] = await Promise.all([loadChecklist(draft.checklist, draft.checklist_version), lastInspection(draft.site, draft.checklist), stationSettings()])
    previous.value = Object.fromEntries((last?.answers ?? []).map((answer) => [answer.item, answer.value]))
    settings.value = own
    checklist.value = (text?.content as Checklist | undefined) ?? null
  }, { immediate: true })

  const site = computed(() => siteView.value?.value.value?.site ?? null)

  function around(): Surroundings {
    return { site: site.value?.attributes ?? NO_FILE, settings: settings.value, previous: previous.value, today: today() }
  }
  // A tap is judged once, for the save and for the screen, and only as far as its answer reaches.
  let open: { list: Checklist; judge: Judging['evaluate'] } | null = null
  function judge(list: Checklist, answers: InspectionDraft['answers']): Evaluation {
    if (open?.list !== list) open = { list, judge: judging(list).evaluate }
    return open.judge(answerValues(answers), around())
  }
  /** null until the site's file is read: an item that it rules out must not stand there first and go under her thumb */
  const evaluation = computed(() => {
    const draft = handle.draft.value
    const read = siteView.value?.ready.value
    return draft && checklist.value && read ? judge(checklist.value, draft.answers) : null
  })

  function carriable(): Item[] {
    const [draft, list] = [handle.draft.value, checklist.value]
    if (!draft || !list) return []
    const { evaluate } = judging(list) // its own: what is only tried must not become what was judged last
    return datesToCarry(list, draft.answers, previous.value, (values) => evaluate(values, around()))
  }

  function worked(hazard: HazardDraft): boolean {
    return hazard.done || handle.photos.value.some((photo) => photo.subject === hazard.id)
  }
  async function edit(change: (draft: InspectionDraft) => void): Promise<boolean> {
    const list = checklist.value
    return handle.change((draft) => {
      change(draft)
      if (list) settleDraft(draft, judge(list, draft.answers), worked)
    })
  }

  async function hazardFor(toFind: HazardToFind): Promise<string | null> {
    const known = handle.draft.value?.hazards.find((hazard) => hazard.item === toFind.item)
    if (known) return known.id
    const owner = { name: site.value?.owner_name ?? '', phone: plainPhone(site.value?.owner_phone) }
    const hazard = newHazardDraft(hazardStart(toFind, today(), owner))
    return (await edit((draft) => { draft.hazards.push(hazard) })) ? hazard.id : null
  }

  return { handle, checklist, site, previous, evaluation, carriable, edit, hazardFor }
}
