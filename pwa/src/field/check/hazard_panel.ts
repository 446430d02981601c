// The panel of a hazard under its item: a file of its own, fetched when the first item fails.

import { defineAsyncComponent, ref, type Ref } from 'vue'
import type Panel from './HazardInPlace.vue'

export interface HazardPanel {
  component: typeof Panel
  /** its file came or cannot: until then a second tap means the panel that is on its way, not the page */
  known: Readonly<Ref<boolean>>
  /** never rejects */
  fetched: () => Promise<void>
}

export function useHazardPanel(): HazardPanel {
  const known = ref(false)
  const fetch = async () => import('./HazardInPlace.vue').finally(() => { known.value = true })
  return { component: defineAsyncComponent<typeof Panel>(fetch), known, fetched: () => fetch().then(() => undefined, () => undefined) }
}
