// A text as a file of the browser's, and a drawing of the station's as a picture. It must not know what they say.

const REVOKE_AFTER_MS = 60_000

export function saveText(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => { URL.revokeObjectURL(url) }, REVOKE_AFTER_MS)
}

/** As an image a drawing can run nothing, whatever stands in it. */
export function picture(svg: string): string {
  return `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`
}
