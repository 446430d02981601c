// The phone's camera inside the page: one stream, kept a little after the last photo so that the next one needs no new
// permission, then let go. It must not know what is photographed.

import { ref } from 'vue'
import { openPhotoWorker, takeShot, type Shot } from '@/data/later'

const IDLE_MS = 60_000
const WANTED: MediaStreamConstraints = {
  video: { facingMode: { ideal: 'environment' }, width: { ideal: 1920 }, height: { ideal: 1440 } },
  audio: false,
}
const JPEG_QUALITY = 0.92 // scaled down once more before it is kept; loss here would be seen twice
/** pictures on their way to a photo; each is 8 MB here and 8 MB in the worker */
const MAKING_MAX = 3

let stream: MediaStream | null = null
let idle: ReturnType<typeof setTimeout> | undefined
let broken = false

/** 连拍: the camera stays open after a photo; chosen once, it holds until the app is closed. */
export const burst = ref(false)

/** 对照旧照片: whether the old photo lies over the camera's picture, and how strong, in per cent. */
export const oldShown = ref(true)
export const oldStrength = ref(40)

/** On Android the camera app may make the system kill this page; on an iPhone the file input is the surer way. */
export function cameraFits(): boolean {
  return !broken && /Android|HarmonyOS/i.test(navigator.userAgent) && navigator.mediaDevices?.getUserMedia !== undefined
}

function alive(): boolean {
  return stream !== null && stream.getVideoTracks().some((track) => track.readyState === 'live')
}

export async function openCamera(): Promise<MediaStream | null> {
  clearTimeout(idle)
  openPhotoWorker()
  if (alive()) return stream
  try {
    stream = await navigator.mediaDevices.getUserMedia(WANTED)
    return stream
  } catch {
    broken = true // not allowed or not there: from now on the file input, without asking again
    return null
  }
}

export function stopCamera(): void {
  clearTimeout(idle)
  stream?.getTracks().forEach((track) => track.stop())
  stream = null
}

export function restCamera(): void {
  clearTimeout(idle)
  idle = setTimeout(stopCamera, IDLE_MS)
}

// ---- the shutter -------------------------------------------------------------------------------

const making = new Set<Promise<unknown>>()
let drawn: Promise<unknown> = Promise.resolve()

/**
 * The picture that is on the screen when `seen` is called; null: there is none yet. One frame is held at a time, and a few pictures are made at a time:
 * whoever taps faster waits a moment, so that neither the camera's picture stands still nor the memory grows.
 */
export async function shotOf(video: HTMLVideoElement, seen: () => void): Promise<Shot | Blob | null> {
  await drawn
  while (making.size >= MAKING_MAX) await Promise.race(making)
  const taking = takeShot(video)
  seen()
  const shot = await taking
  if (!shot) return jpegOf(video)
  drawn = shot.drawn
  const over = shot.made.then(() => undefined, () => undefined).finally(() => making.delete(over))
  making.add(over)
  return shot
}

/** Where frames cannot be handed to the worker. */
function jpegOf(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  if (!canvas.width) return Promise.resolve(null)
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', JPEG_QUALITY))
}
