// Getting a made file out of the browser: to another program (WeChat, mail) where the browser can, and as a download.
// It must not know what is in the file.

/** Browsers share only endings they know; the station looks at the beginning of a file, not at its name. */
const KNOWN_ENDING = '.txt'

/** The file as this browser is able to share it; null when it cannot. */
export function shareable(blob: Blob, name: string): File | null {
  const tries = [new File([blob], name, { type: 'application/octet-stream' }), new File([blob], name + KNOWN_ENDING, { type: 'text/plain' })]
  return tries.find((file) => canShare(file)) ?? null
}

/** A picture for another program; null where this browser cannot, and it is to be downloaded. */
export function shareablePicture(picture: Blob, name: string): File | null {
  const file = new File([picture], name, { type: picture.type })
  return canShare(file) ? file : null
}

/** Whether this browser hands these files over as they are. */
export function shareableAll(files: readonly File[]): boolean {
  return files.length > 0 && canShare(...files)
}

function canShare(...files: File[]): boolean {
  const able = typeof navigator.share === 'function' && typeof navigator.canShare === 'function'
  return able && navigator.canShare({ files })
}

export type Shared = 'shared' | 'left' | 'tap again'

/** Making a large file may take longer than the browser lets a tap count. */
export async function share(files: File | readonly File[]): Promise<Shared> {
  try {
    await navigator.share({ files: files instanceof File ? [files] : [...files] })
    return 'shared'
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotAllowedError' ? 'tap again' : 'left'
  }
}

const REVOKE_AFTER_MS = 60_000

export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  // the browser reads it after the tap
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS)
}
