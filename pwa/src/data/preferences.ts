// Small choices of the person on this phone (text size, which camera worked): name and text, nothing else.
// It must not hold anything that belongs to the ledger.

import { withUser } from '../db/access'
import { changed } from './signal'

export async function getSetting(name: string): Promise<string | null> {
  const stored = await withUser((db) => db.settings.get(name)).catch(() => undefined)
  return typeof stored?.value === 'string' ? stored.value : null
}

export async function setSetting(name: string, value: string): Promise<void> {
  await withUser((db) => db.settings.put({ name, value }))
  changed('settings')
}
