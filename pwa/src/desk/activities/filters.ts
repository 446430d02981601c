// The filter of activities: what the address bar holds, what the station is asked, what an export takes. Pure.

import type { LocationQuery } from 'vue-router'
import type { Query } from '../data/client'

export interface ActivityFilter {
  type: string
  author: string
  from: string
  to: string
}

export const ACTIVITY_ROWS = 50
const DAY = /^\d{4}-\d{2}-\d{2}$/
const text = (value: LocationQuery[string] | undefined): string => (typeof value === 'string' ? value : '')
const day = (value: LocationQuery[string] | undefined): string => (DAY.test(text(value)) ? text(value) : '')

export function activityFilterOf(query: LocationQuery): ActivityFilter {
  return { type: text(query['type']), author: text(query['author']), from: day(query['from']), to: day(query['to']) }
}

/** For the address, the station and an export alike; what says nothing is left out. */
export function narrowing(filter: ActivityFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''))
}

export function askActivitiesOf(filter: ActivityFilter, page: number): Query {
  return { ...narrowing(filter), page, size: ACTIVITY_ROWS }
}
