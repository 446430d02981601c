// The emergency slot: when the database refuses a save, the words a person typed go to localStorage instead.
// Text only, a few drafts. It must not be used while the database works.

const PREFIX = 'gi-emergency:'
const EMERGENCY_CHARS_MAX = 1_000_000

export function putEmergency(id: string, text: string): boolean {
  if (text.length > EMERGENCY_CHARS_MAX) return false
  try {
    localStorage.setItem(PREFIX + id, text)
    return true
  } catch {
    return false // memory is what is left; the caller says so
  }
}

export function getEmergency(id: string): string | null {
  try {
    return localStorage.getItem(PREFIX + id)
  } catch {
    return null
  }
}

export function clearEmergency(id: string): void {
  try {
    localStorage.removeItem(PREFIX + id)
  } catch {
    // nothing was put there either
  }
}
