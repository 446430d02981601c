// What StepScreen hands to each form. A form reports changed fields and nothing else.

import type { JsonObject, PhotoView, StepDraft } from '@/data'

export interface StepFormProps {
  step: StepDraft
  photos: readonly PhotoView[]
  settle: () => Promise<boolean>
}
export interface StepFormEmits {
  change: [fields: JsonObject]
}
