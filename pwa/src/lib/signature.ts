// ECDSA P-256 over SHA-256, raw r||s in base64url: the phone's own key and the station's pinned one.
// The private key is made non-extractable and never leaves the browser. It must not know what is signed.

import { base64url, fromBase64url, utf8 } from './bytes'

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' }
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' }

export interface OwnKey {
  private_key: CryptoKey
  /** base64url of the 65-byte raw point */
  public_key: string
}

export async function makeOwnKey(): Promise<OwnKey> {
  const pair = await crypto.subtle.generateKey(CURVE, false, ['sign', 'verify'])
  return { private_key: pair.privateKey, public_key: base64url(await crypto.subtle.exportKey('raw', pair.publicKey)) }
}

export async function sign(key: CryptoKey, message: string): Promise<string> {
  return base64url(await crypto.subtle.sign(SIGNING, key, utf8(message)))
}

/** False for anything that is not exactly a good signature; never throws. */
export async function signedBy(publicKey: string, message: string, signature: string): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', fromBase64url(publicKey), CURVE, false, ['verify'])
    return await crypto.subtle.verify(SIGNING, key, fromBase64url(signature), utf8(message))
  } catch {
    return false
  }
}
