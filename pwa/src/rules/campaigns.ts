// Campaigns (专项): a stretch of days in which sites of some kind or place are visited besides their regular turn.
// Each is a station setting of its own, named campaign:<its id>; the twin of sync/campaigns.py, held to it by tests/vectors/campaigns.json.
// It must not know the clock or the database: rows and today come in.

import type { Json, JsonObject } from '../contract/wire'

export const CAMPAIGN = 'campaign:'
/** from this many days before its end a campaign presses */
export const CAMPAIGN_SOON_DAYS = 7

export interface Campaign {
  id: string
  name: string
  /** first and last day, both counting */
  from: string
  to: string
  /** kinds of places; none named: all */
  place_types: string[]
  /** areas with everything below them; none named: all */
  areas: string[]
  /** only a visit with this checklist counts; null: any */
  checklist: string | null
}

/** Those of the settings that are campaigns in full and run today, the one that ends first on top. */
export function campaignsOn(day: string, settings: readonly { name: string; value: Json }[]): Campaign[] {
  return settings.map(campaignOf).filter((one): one is Campaign => one !== null && one.from <= day && day <= one.to).sort((a, b) => (a.to < b.to ? -1 : 1))
}

/** null for what is none, and for one that was taken back (its value is null then). */
export function campaignOf({ name, value }: { name: string; value: Json }): Campaign | null {
  const said = value as JsonObject | null
  if (!name?.startsWith(CAMPAIGN) || typeof said?.name !== 'string' || typeof said.from !== 'string' || typeof said.to !== 'string') return null
  const { from, to, checklist } = said
  return { id: name.slice(CAMPAIGN.length), name: said.name, from, to, place_types: texts(said.place_types), areas: texts(said.areas), checklist: typeof checklist === 'string' ? checklist : null }
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** `within`: the campaign's areas with everything below them. */
export function concerns(campaign: Campaign, site: { place_types: readonly string[]; area: string }, within: ReadonlySet<string>): boolean {
  const { place_types: kinds, areas } = campaign
  return (kinds.length === 0 || site.place_types.some((kind) => kinds.includes(kind))) && (areas.length === 0 || within.has(site.area))
}

/** `last`: the day of the last visit that counts for it (with its checklist, if it names one). */
export function stillToVisit({ from }: { from: string }, last: string | null): boolean {
  return (last ?? '') < from
}
