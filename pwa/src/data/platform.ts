// Can this browser keep a day's work? Checked before anything is recorded; every trouble has words and a remedy.
// It must not block where only comfort is missing.

import { computed, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { onDatabaseNotice, withUser } from '../db/access'
import { classify, StorageTrouble } from '../db/trouble'
import type { PlatformCode, PlatformTrouble } from './types'

const TROUBLES: Record<PlatformCode, Omit<PlatformTrouble, 'code'>> = {
  insecure: { words: '这个网址不是 https 开头，手机不让存东西', remedy: '请向站里要 https 开头的网址，或扫登记单上的码', blocking: true },
  wechat: { words: '微信里打开存不住，清理微信就没了', remedy: '点右上角的三个点，选“在浏览器打开”', blocking: true },
  // a phone that is nearly full looks the same from in here, so this one only warns
  private_mode: { words: '这里能存的地方很小：可能是无痕浏览，或者手机快存满了', remedy: '无痕窗口关掉就没了，请用普通窗口打开；手机满了请先清一清', blocking: false },
  no_storage: { words: '这个浏览器不让存东西', remedy: '请换手机自带的浏览器，或检查手机是不是存满了', blocking: true },
  too_old: { words: '这个浏览器太旧，存不稳', remedy: '请在应用商店更新浏览器后再打开', blocking: true },
  not_installed: { words: '还没放到主屏幕，苹果手机七天不用会清掉', remedy: '点下面的分享，选“添加到主屏幕”，再从主屏幕打开', blocking: true },
}

const troubles = shallowRef<PlatformTrouble[]>([])
const notice = ref<string | null>(null)

onDatabaseNotice((what) => {
  notice.value = what === 'blocked' ? '请关掉其他打开的网格安检页面，再回到这里' : '网格安检刚更新了，请关掉这一页再打开'
})

export function isIphone(agent: string, touchPoints: number): boolean {
  // an iPad calls itself a Mac, but has fingers
  return /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)
}

export function isInstalled(): boolean {
  const standalone = (navigator as Navigator & { standalone?: boolean }).standalone === true
  return standalone || (typeof matchMedia !== 'undefined' && matchMedia('(display-mode: standalone)').matches)
}

/** A write that is read back: the only proof that this browser stores anything. */
async function storageTrouble(): Promise<PlatformCode | null> {
  const PROBE = 'storage-probe'
  try {
    const value = String(Math.random())
    await withUser((db) => db.settings.put({ name: PROBE, value }))
    return (await withUser((db) => db.settings.get(PROBE)))?.value === value ? null : 'no_storage'
  } catch (error) {
    const code = error instanceof StorageTrouble ? error.code : classify(error)
    return code === 'full' || code === 'blocked' ? null : 'no_storage' // full and blocked have words of their own
  }
}

/** Firefox and Safari in a private window give no persistent storage at all or a tiny one. */
async function isPrivate(): Promise<boolean> {
  const PRIVATE_QUOTA_BYTES_MAX = 120 * 1024 * 1024
  const quota = (await navigator.storage?.estimate?.().catch(() => null))?.quota
  return quota !== undefined && quota < PRIVATE_QUOTA_BYTES_MAX
}

async function found(): Promise<PlatformCode[]> {
  if (/MicroMessenger/i.test(navigator.userAgent)) return ['wechat']
  if (!globalThis.isSecureContext) return ['insecure']
  if (!globalThis.crypto?.subtle || typeof indexedDB === 'undefined') return ['too_old']
  const codes: PlatformCode[] = []
  const storage = await storageTrouble()
  if (storage) codes.push(storage)
  else if (await isPrivate()) codes.push('private_mode')
  if (isIphone(navigator.userAgent, navigator.maxTouchPoints ?? 0) && !isInstalled()) codes.push('not_installed')
  return codes
}

async function check(): Promise<PlatformTrouble[]> {
  troubles.value = (await found()).map((code) => ({ code, ...TROUBLES[code] }))
  return troubles.value
}

export function usePlatform(): {
  troubles: Readonly<ShallowRef<PlatformTrouble[]>>
  blocked: Readonly<Ref<PlatformTrouble | null>>
  /** other tabs or a new version: a sentence, or null */
  notice: Readonly<Ref<string | null>>
  check: () => Promise<PlatformTrouble[]>
} {
  return { troubles, notice, blocked: computed(() => troubles.value.find((trouble) => trouble.blocking) ?? null), check }
}
