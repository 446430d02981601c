// Whose databases a page works in: every person of a shared phone has her own, told apart by an ending of their names. The first one's
// have none: they are those of a phone with one person, and of every earlier release. It must not know who is who.

export const PULLED_DB_NAME = 'gi-pulled'
export const PICTURES_DB_NAME = 'gi-pictures'

let space = ''

export const spaceHere = (): string => space

/** Only before anything of another space was read: what a page has in memory is one person's (access.ts, `enterSpace`). */
export function moveTo(next: string): void {
  space = next
}

export const nameHere = (base: string): string => base + space
