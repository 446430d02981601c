// Whether the page is as narrow as a phone, where the desk shows one thing after the other.

import { onScopeDispose, readonly, ref, type Ref } from 'vue'

const PHONE = 'screen and (max-width: 899px)' // a sheet of paper is narrow too, but wants the table

export function useNarrow(): Readonly<Ref<boolean>> {
  const query = window.matchMedia(PHONE)
  const narrow = ref(query.matches)
  const change = (): void => { narrow.value = query.matches }
  query.addEventListener('change', change)
  onScopeDispose(() => { query.removeEventListener('change', change) })
  return readonly(narrow)
}
