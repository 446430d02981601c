// Limits of facts that a form has to know (docs/contract.md sections 1 and 2), with their unit.

export const PHOTOS_PER_FACT_MAX = 30
export const SPOT_CHARS_MAX = 60
export const MEASURE_CHARS_MAX = 300
export const OWNER_CHARS_MAX = 40
export const PHONE_CHARS_MAX = 30
export const REMARK_CHARS_MAX = 500
export const NOTE_CHARS_MAX = 300
export const FEEDBACK_CHARS_MAX = 1000
