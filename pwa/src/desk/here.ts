// Where and when the desk is: the station's zone and its calendar day, and the session's end as a fact of the page.

import { computed } from 'vue'
import { dayIn } from '@/lib/time'
import { session } from './data/client'
import { clockIn, dayWords, instantWords, shortWhen } from './saying'

const ZONE_DEFAULT = 'Asia/Shanghai'

export const timezone = computed(() => session.value?.station.timezone ?? ZONE_DEFAULT)
export const today = (): string => dayIn(timezone.value, new Date())

export const sayDay = (day: string | null | undefined): string => dayWords(day, today())
export const sayInstant = (instant: string | null | undefined): string => instantWords(instant, timezone.value, today())
export const sayShort = (instant: string): string => shortWhen(instant, timezone.value, today())
export const sayClock = (instant: string): string => clockIn(timezone.value, instant)
