// Bytes for a photo where no camera is. For tests and benches, in Node and in a browser alike: it must not know the app.

const RANDOM_BYTES_MAX = 50_000

/** Bytes that no packing makes fewer, and no two alike. */
export function noise(size: number): Blob {
  const made = new Uint8Array(size)
  for (let at = 0; at < size; at += RANDOM_BYTES_MAX) crypto.getRandomValues(made.subarray(at, Math.min(size, at + RANDOM_BYTES_MAX)))
  return new Blob([made])
}
