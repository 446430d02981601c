// What the kinds of matters are called, and one sentence for each. Nobody is blamed in any of them.

import type { Tone } from '@/ui/Pill.vue'
import type { MatterType } from '../data/types'

export const MATTER: Readonly<Record<MatterType, string>> = { outcome: '结论相反', field: '写得不一样', same: '可能是同一处', photo: '照片建议核实' }
export const MATTER_TONE: Readonly<Record<MatterType, Tone>> = { outcome: 'fail', field: 'accent', same: 'info', photo: 'na' }
export const MATTER_TYPES: readonly MatterType[] = ['outcome', 'field', 'same', 'photo']

export const ITEM_LEAD: Readonly<Record<MatterType, string>> = {
  outcome: '两边互相不知道，结论是反的。定下来以前，先不算完。',
  field: '两边互相不知道，写得不一样。定下来以前，按从严的算。',
  same: '同一个场所、同一项，报了两条，看看是不是一回事。',
  photo: '这次的照片和另一次检查的几乎一样，建议核实一下是不是传错了。',
}
export const MATTERS_LEAD = '机器定不了的事：两边摆在一起，请您看过定一下。每一次定都会记进经过，定错了还可以再定。'
