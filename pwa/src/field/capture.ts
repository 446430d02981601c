// A photo that was being taken when the system killed the page: found at start, told beside the photos it belongs to.

import { shallowRef } from 'vue'
import type { Router } from 'vue-router'
import { clearCaptureIntent, openCaptureIntent, type CaptureIntent, type PhotoSlot } from '@/data'

export const cutCapture = shallowRef<CaptureIntent | null>(null)

export async function comeBackToCamera(router: Router): Promise<void> {
  const intent = await openCaptureIntent()
  if (!intent) return
  cutCapture.value = intent
  await clearCaptureIntent() // told once; the next camera writes a new one
  if (router.currentRoute.value.fullPath !== intent.route) await router.replace(intent.route)
}

export function wasCut(slot: PhotoSlot): boolean {
  const cut = cutCapture.value
  return cut !== null && cut.draft === slot.draft && cut.subject === slot.subject && cut.role === slot.role
}

export async function captureOver(): Promise<void> {
  cutCapture.value = null
  await clearCaptureIntent()
}
