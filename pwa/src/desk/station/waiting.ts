// How long somebody still has to wait, in words.

export function waitWords(seconds: number): string {
  if (seconds < 60) return `${String(Math.max(1, Math.ceil(seconds)))} 秒`
  const minutes = Math.floor(seconds / 60)
  const rest = Math.ceil(seconds % 60)
  return rest === 0 || minutes >= 10 ? `${String(rest === 0 ? minutes : minutes + 1)} 分钟` : `${String(minutes)} 分 ${String(rest)} 秒`
}
