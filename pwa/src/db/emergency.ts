// The emergency slot: when the database refuses a save, the words a person typed go to localStorage instead.
// Text only, a few drafts. It must not be used while the database works.

import { nameHere } from './space'

const BASE = 'gi-emergency'
const slotOf = (id: string): string => `${nameHere(BASE)}:${id}`
const EMERGENCY_CHARS_MAX = 1_000_000

export function putEmergency(id: string, text: string): boolean {
  if (text.length > EMERGENCY_CHARS_MAX) return false
  try {
    localStorage.setItem(slotOf(id), text)
    return true
  } catch {
    return false // memory is what is left; the caller says so
  }
}

export function getEmergency(id: string): string | null {
  try {
    return localStorage.getItem(slotOf(id))
  } catch {
    return null
  }
}

export function clearEmergency(id: string): void {
  try {
    localStorage.removeItem(slotOf(id))
  } catch {
    // nothing was put there either
  }
}

/** All of one person's. */
export function clearEmergencies(space: string): void {
  try {
    const slots = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '')
    slots.filter((slot) => slot.startsWith(`${BASE}${space}:`)).forEach((slot) => localStorage.removeItem(slot))
  } catch {
    // nothing was put there either; a worker has none
  }
}
