// 同行: who goes along, chosen once a day on this phone and carried over to the visits of that day.
// It must not put anybody into a visit by itself: the screen shows who it is before it is written down.

import { getSetting, setSetting } from './preferences'
import { me } from './identity'
import { loaded, type Loaded } from './loaded'
import { rowsOf } from './rows'

const SETTING = 'companions'

export interface Colleague {
  id: string
  name: string
}

const GO_OUT = new Set(['inspector', 'certified_inspector', 'chief'])

/** The station's other people who go out to sites, by name. */
export function useColleagues(): Loaded<Colleague[]> {
  return loaded(['rows', 'identity'], async () => {
    const [identity, accounts] = await Promise.all([me(), rowsOf('account')])
    return accounts
      .filter((account) => account.id !== identity?.account && account.active !== false && account.roles?.some((role) => GO_OUT.has(role)))
      .map(({ id, name }) => ({ id, name }))
      .sort((a, b) => a.name.localeCompare(b.name, 'zh'))
  })
}

/** Who was chosen for this day by the person this phone belongs to now. */
export async function companionsOn(day: string): Promise<string[]> {
  try {
    const kept = JSON.parse((await getSetting(SETTING)) ?? '{}') as { account?: string; day?: string; ids?: string[] }
    return kept.day === day && kept.account === (await me())?.account ? (kept.ids ?? []) : []
  } catch {
    return []
  }
}

export async function chooseCompanions(day: string, ids: readonly string[]): Promise<void> {
  await setSetting(SETTING, JSON.stringify({ account: (await me())?.account, day, ids }))
}
