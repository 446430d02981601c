// A directive that puts the cursor into the first field of a form the person has just opened.

import type { Directive } from 'vue'

export const vFocus: Directive<HTMLElement, boolean | undefined> = {
  mounted: (element, binding) => { if (binding.value !== false) element.focus() },
}
