// Decisions: facts made at the desk. The browser names each fact, so that the same click twice changes nothing;
// `after` is what the page showed, so that a stale page makes a conflict and never overwrites.

import type { PhotoRole } from '@/contract/wire'
import { uuid7 } from '@/lib/uuid7'
import { post, type Result } from './client'

export interface DeskFact {
  id: string
  kind: string
  subject: string
  after: string[]
  body: Record<string, unknown>
  private?: Record<string, unknown>
  photos?: { sha256: string; role: PhotoRole; bytes: number }[]
}

/** A row as every page shows it: what a fold gives, plus what the station adds. */
export interface Headed {
  id: string
  heads?: string[]
}

export function fact(kind: string, about: Headed, body: Record<string, unknown>, hidden?: Record<string, unknown>): DeskFact {
  const made: DeskFact = { id: uuid7(), kind, subject: about.id, after: [...(about.heads ?? [])], body: clean(body) }
  const kept = hidden === undefined ? {} : clean(hidden)
  if (Object.keys(kept).length > 0) made.private = kept
  return made
}

/** As it is: here an empty value is said on purpose, it clears the field. */
export function exactFact(kind: string, about: Headed, body: Record<string, unknown>, hidden: Record<string, unknown> = {}): DeskFact {
  const made = fact(kind, about, {})
  made.body = body
  if (Object.keys(hidden).length > 0) made.private = hidden
  return made
}

/** The second fact about the same subject in one decision knows the first. */
export function followUp(previous: DeskFact, kind: string, body: Record<string, unknown>, hidden?: Record<string, unknown>): DeskFact {
  return fact(kind, { id: previous.subject, heads: [previous.id] }, body, hidden)
}

export function decide(facts: DeskFact[]): Promise<Result<{ rows: Record<string, unknown>[] }>> {
  return post('/decisions', { facts })
}

function clean(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '' && value !== null && value !== undefined))
}
