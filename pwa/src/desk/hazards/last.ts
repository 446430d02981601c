// The ledger's address as it was left, so that the way back from a hazard leads to the same filter and page.

import { ref } from 'vue'

export const lastLedger = ref('/hazards')
