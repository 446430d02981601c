// Bytes and their spellings: UTF-8, hex, base64url; SHA-256 of either.
// It must not know what the bytes mean.

const encoder = new TextEncoder()
const decoder = new TextDecoder()
export type Bytes = Uint8Array<ArrayBuffer>

export function utf8(text: string): Bytes {
  return encoder.encode(text)
}

export function text(bytes: Bytes | ArrayBuffer): string {
  return decoder.decode(bytes)
}

export function hex(bytes: Bytes | ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function fromHex(digits: string): Bytes {
  const bytes = new Uint8Array(digits.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

export function base64(bytes: Bytes | ArrayBuffer): string {
  let binary = ''
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

export function base64url(bytes: Bytes | ArrayBuffer): string {
  return base64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

/** Throws on text that is no base64url: callers treat that as a bad signature. */
export function fromBase64url(spelled: string): Bytes {
  const binary = atob(spelled.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(binary, (char) => char.charCodeAt(0))
}

export function concat(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export async function sha256(bytes: Bytes | ArrayBuffer): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

export async function sha256Hex(source: string | Bytes | ArrayBuffer): Promise<string> {
  return hex(await sha256(typeof source === 'string' ? utf8(source) : source))
}
