// Work on one hazard of a visit, wherever it is shown: in place under its item, or on a page of its own.
// Every change is saved at once; what counts as ready to be recorded is decided here. It must not know either place.

import { computed, nextTick, ref, type ComputedRef, type Ref } from 'vue'
import type { HazardDraft } from '@/data'
import type { HazardToFind } from '@/rules/types'
import { SPOT_CHARS_MAX } from '../limits'
import type { Visit } from './visit'
import { blanksLeft, findingText, memoryOf, remember, type HazardMemory } from './visit_plan'

export interface HazardWork {
  hazard: ComputedRef<HazardDraft | undefined>
  toFind: ComputedRef<HazardToFind | undefined>
  memory: ComputedRef<HazardMemory>
  /** why it could not be recorded */
  words: Ref<string>
  /** blanks of the sentence nobody has answered */
  left: ComputedRef<string[]>
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
  function note(memory: Partial<HazardMemory> | ((before: HazardMemory) => Partial<HazardMemory>), also: (own: HazardDraft, filled: HazardMemory['filled']) => void = () => undefined): Promise<boolean> {
    return edit((draft) => {
      remember(draft, id, typeof memory === 'function' ? memory(memoryOf(draft, id)) : memory)
      const own = draft.hazards.find((each) => each.id === id)
      if (own) also(own, memoryOf(draft, id).filled)
    })
  }
  async function change(changes: Partial<HazardDraft>): Promise<boolean> {
    words.value = ''
    return note({}, (own) => { Object.assign(own, changes) })
  }
  async function fill(blank: string, value: string): Promise<void> {
    words.value = ''
    await note((before) => ({ filled: { ...before.filled, [blank]: value } }), (own) => { if (blank === 'spot') own.spot = value.slice(0, SPOT_CHARS_MAX) })
  }
  async function ownWords(own: boolean): Promise<void> {
    words.value = ''
    await note({ own_words: own }, (found, filled) => { if (toFind.value && !own) found.finding = findingText(toFind.value, filled) })
  }
  async function picked(day: boolean): Promise<void> {
    await note({ picked_day: day })
  }
  async function level(value: HazardDraft['level']): Promise<void> {
    await note({ own_level: true }, (own) => { own.level = value })
  }
  const left = computed(() => (handle.draft.value && hazard.value ? blanksLeft(handle.draft.value, hazard.value, toFind.value) : []))

  /** What keeps it from being recorded, in a sentence; empty when nothing does. Asked of the draft itself: a thumb may be ahead of the screen. */
  function missing(): string {
    const draft = handle.draft.value
    const own = draft?.hazards.find((each) => each.id === id)
    if (!draft || !own?.finding.trim()) return '先写一句查到什么问题'
    const open = blanksLeft(draft, own, toFind.value)
    if (open.length) return `还差：${open.join('、')}`
    return memoryOf(draft, id).picked_day && !own.deadline ? '期限没写对，年、月、日都要写' : ''
  }
  async function record(): Promise<boolean> {
    words.value = ''
    await nextTick() // said again, it is heard again
    words.value = missing()
    return !words.value && (await change({ done: true })) && handle.settle()
  }
  return { hazard, toFind, memory, words, left, change, fill, ownWords, picked, level, record }
}
