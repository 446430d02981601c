// When work has waited so long on this phone that a file for the admin is worth a thought. Pure: the time comes in.

export const STUCK_HOURS_MIN = 24
const HOUR_MS = 3_600_000

/** A sentence, or nothing while it is not long. `oldest`: when the oldest of what waits was recorded. */
export function stuckFor(oldest: string | null, now: Date): string {
  const hours = oldest === null ? 0 : (now.getTime() - Date.parse(oldest)) / HOUR_MS
  if (!(hours >= STUCK_HOURS_MIN)) return ''
  const days = Math.floor(hours / 24)
  return `最早的一条等了 ${days} 天还没交上去。要是一直连不上，可以导出到文件，交给管理员。`
}
