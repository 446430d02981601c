// Which picture stands for a kind of place. A picture only helps the eye; the kind is always there in words.

import type { IconName } from '@/ui/icons'

const BY_WORD: readonly [RegExp, IconName][] = [
  [/餐饮|燃气|液化气/, 'flame'],
  [/加油|油站|储油/, 'fuel'],
  [/烟花|爆竹/, 'firework'],
  [/闲置|四闲|闲/, 'yard'],
  [/储罐|危险化学|化工|危化/, 'tank'],
  [/建筑|施工|工地|高处/, 'crane'],
  [/工贸|企业|厂|作坊|粉尘/, 'factory'],
  [/林|坟|森/, 'tree'],
  [/地质|滑坡|山|边坡/, 'mountain'],
  [/出租|自建房|住宿|民宿|合用/, 'house'],
]

export function placeIcon(placeTypes: readonly string[]): IconName {
  const words = placeTypes.join(' ')
  return BY_WORD.find(([pattern]) => pattern.test(words))?.[1] ?? 'shop'
}
