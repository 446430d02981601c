// Who is using this phone and what day it is, provided once by App.vue and read by every screen.
// It must not know how either is stored.

import { computed, inject, type ComputedRef, type InjectionKey } from 'vue'
import { dayIn, now } from '@/lib/time'
import type { Identity, Loaded } from '@/data'

export const IDENTITY: InjectionKey<Loaded<Identity>> = Symbol('identity')
const ZONE_BEFORE_ENROLMENT = 'Asia/Shanghai'

export interface Here {
  me: ComputedRef<Identity | null>
  timezone: ComputedRef<string>
  /** a function, not a value: a form may stay open past midnight */
  today: () => string
}

export function useHere(): Here {
  const identity = inject(IDENTITY)
  const me = computed(() => identity?.value.value ?? null)
  const timezone = computed(() => me.value?.timezone ?? ZONE_BEFORE_ENROLMENT)
  return { me, timezone, today: () => dayIn(timezone.value, now()) }
}
