// Work on one hazard of a visit, wherever it is shown: in place under its item, or on a page of its own.
// Every change is saved at once; what counts as ready to be recorded is decided here. It must not know either place.

import { computed, ref, type ComputedRef, type Ref } from 'vue'
import type { HazardDraft } from '@/data'
import type { HazardToFind } from '@/rules/types'
import { SPOT_CHARS_MAX } from '../limits'
import type { Visit } from './visit'
import { findingText, memoryOf, remember, type HazardMemory } from './visit_plan'

export interface HazardWork {
  hazard: ComputedRef<HazardDraft | undefined>
  toFind: ComputedRef<HazardToFind | undefined>
  memory: ComputedRef<HazardMemory>
  /** why it could not be recorded */
  words: Ref<string>
  change: (changes: Partial<HazardDraft>) => Promise<boolean>
  fill: (blank: string, value: string) => Promise<void>
  ownWords: (own: boolean) => Promise<void>
  picked: (day: boolean) => Promise<void>
  level: (value: HazardDraft['level']) => Promise<void>
  /** true: it is on the list, and stored */
  record: () => Promise<boolean>
}

const NOTHING: HazardMemory = { filled: {}, own_words: false, own_level: false, picked_day: false }

export function useHazardWork({ handle, evaluation, edit }: Visit, id: string): HazardWork {
  const words = ref('')
  const hazard = computed(() => handle.draft.value?.hazards.find((each) => each.id === id))
  const toFind = computed(() => evaluation.value?.hazards.find((each) => each.item === hazard.value?.item))
  const memory = computed(() => (handle.draft.value ? memoryOf(handle.draft.value, id) : NOTHING))

  /** Its own memory and its fields, in one save. */
  function note(memory: Partial<HazardMemory>, also: (own: HazardDraft, filled: HazardMemory['filled']) => void = () => undefined): Promise<boolean> {
    return edit((draft) => {
      remember(draft, id, memory)
      const own = draft.hazards.find((each) => each.id === id)
      if (own) also(own, memoryOf(draft, id).filled)
    })
  }
  async function change(changes: Partial<HazardDraft>): Promise<boolean> {
    words.value = ''
    return note({}, (own) => { Object.assign(own, changes) })
  }
  async function fill(blank: string, value: string): Promise<void> {
    await note({ filled: { ...memory.value.filled, [blank]: value } }, (own) => { if (blank === 'spot') own.spot = value.slice(0, SPOT_CHARS_MAX) })
  }
  async function ownWords(own: boolean): Promise<void> {
    await note({ own_words: own }, (found, filled) => { if (toFind.value && !own) found.finding = findingText(toFind.value, filled) })
  }
  async function picked(day: boolean): Promise<void> {
    await note({ picked_day: day })
  }
  async function level(value: HazardDraft['level']): Promise<void> {
    await note({ own_level: true }, (own) => { own.level = value })
  }
  async function record(): Promise<boolean> {
    words.value = !hazard.value?.finding.trim() ? '先写一句查到什么问题' : memory.value.picked_day && !hazard.value.deadline ? '期限没写对，年、月、日都要写' : ''
    return !words.value && (await change({ done: true })) && handle.settle()
  }
  return { hazard, toFind, memory, words, change, fill, ownWords, picked, level, record }
}
