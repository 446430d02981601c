// What may wait until the browser has drawn what stands: a slow phone shows first and does the rest behind it.

export function afterPaint(work: () => void): void {
  requestAnimationFrame(() => setTimeout(work))
}
