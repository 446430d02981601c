// A receipt in one sentence: what was handed over and since when the station has all of it. Photos count when their own receipt is here.
// It must not say of anything that it arrived before it did.

import type { ReceiptView } from '@/data'
import { timeWords } from './saying'

export function receiptWords(receipt: ReceiptView, timezone: string, today: string): string {
  const { photos, photos_held: held } = receipt
  const words = receipt.inspections > 0 ? `${receipt.inspections} 份检查` : `${receipt.facts} 条记录`
  const at = (instant: string): string => timeWords(instant, timezone, today)
  if (photos === held) {
    const last = photos > 0 && receipt.photos_time !== null && receipt.photos_time > receipt.time ? receipt.photos_time : receipt.time
    return `${words}${photos > 0 ? `、${photos} 张照片` : ''}，服务器已于${at(last)} 收妥`
  }
  const lost = receipt.photos_lost > 0 ? `，${receipt.photos_lost} 张找不到了` : ''
  return `${words}，服务器已于${at(receipt.time)} 收妥；${photos} 张照片收妥了 ${held} 张${lost}`
}
