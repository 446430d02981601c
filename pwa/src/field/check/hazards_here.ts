// The hazards of failed items as the checklist shows them: one lies open under its item at a time, all of it has a page.
// It must not know how one is filled in (hazard_work.ts).

import { ref, type Ref } from 'vue'
import { removePhoto, type HazardDraft } from '@/data'
import type { Item } from '@/rules/types'
import type { HazardState } from './answering'
import type { Visit } from './visit'
import { isRecorded } from './visit_plan'

export interface HazardsHere {
  /** the item whose hazard lies open, until it is recorded */
  opened: Ref<string>
  stateOf: (item: Item) => HazardState
  /** the hazard that lies open under this item */
  openId: (item: Item) => string | null
  /** open under its item; the hazard's id */
  begin: (item: string) => Promise<string | null>
  /** hazards whose item is no longer failed, with their photos; true once stored */
  drop: (gone: readonly HazardDraft[]) => Promise<boolean>
}

export function useHazardsHere({ handle, evaluation, edit, hazardFor }: Visit, draftId: string): HazardsHere {
  const opened = ref('')
  const hazardOf = (item: string): HazardDraft | undefined => handle.draft.value?.hazards.find((hazard) => hazard.item === item)
  const toFind = (item: string) => evaluation.value?.hazards.find((each) => each.item === item)

  function recorded(hazard: HazardDraft): boolean {
    const draft = handle.draft.value
    return draft !== null && isRecorded(draft, hazard, hazard.item ? toFind(hazard.item) : undefined)
  }
  function openId({ id }: Item): string | null {
    const found = opened.value === id && toFind(id) ? hazardOf(id) : undefined
    return found && !recorded(found) ? found.id : null
  }
  function stateOf(item: Item): HazardState {
    const found = hazardOf(item.id)
    if (!found) return 'none'
    return recorded(found) ? 'done' : openId(item) ? 'open' : 'begun'
  }
  async function begin(item: string): Promise<string | null> {
    opened.value = item
    const asked = toFind(item)
    return asked ? hazardFor(asked) : (hazardOf(item)?.id ?? null)
  }
  async function drop(gone: readonly HazardDraft[]): Promise<boolean> {
    const ids = new Set(gone.map((hazard) => hazard.id))
    for (const photo of handle.photos.value.filter((each) => ids.has(each.subject))) {
      await removePhoto({ draft: draftId, subject: photo.subject, role: photo.role }, photo.sha256)
    }
    return edit((each) => { each.hazards = each.hazards.filter((hazard) => !ids.has(hazard.id)) })
  }
  return { opened, stateOf, openId, begin, drop }
}
