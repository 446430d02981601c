// One sender for each person across all tabs of this phone: a Web Lock where there is one, else a lease in localStorage.
// It must not know what is sent.

import { spaceHere } from '../data/space'

const LOCK = 'grid-inspector-sender'
const LEASE = 'gi-sender-lease'
const LEASE_MS = 30_000

/** Runs the work if no other tab does; null when another one has it. */
export async function alone<T>(work: () => Promise<T>): Promise<T | null> {
  if (typeof navigator !== 'undefined' && navigator.locks) {
    return navigator.locks.request(LOCK + spaceHere(), { ifAvailable: true }, (lock) => (lock ? work() : null)) as Promise<T | null>
  }
  return leased(work)
}

interface Lease {
  owner: string
  until: number
}

const owner = String(Math.random())

function readLease(): Lease | null {
  try {
    return JSON.parse(localStorage.getItem(LEASE + spaceHere()) ?? 'null') as Lease | null
  } catch {
    return null
  }
}

/** One that would outlast any lease was written before the clock was set back: whoever had it cannot be asked. */
function stands({ until }: Lease, at: number): boolean {
  return until > at && until <= at + LEASE_MS
}

function takeLease(): boolean {
  const held = readLease()
  if (held && held.owner !== owner && stands(held, Date.now())) return false
  try {
    localStorage.setItem(LEASE + spaceHere(), JSON.stringify({ owner, until: Date.now() + LEASE_MS }))
  } catch {
    return true // nowhere to write a lease: two senders cost time, not data
  }
  return readLease()?.owner === owner
}

async function leased<T>(work: () => Promise<T>): Promise<T | null> {
  if (!takeLease()) return null
  const renewing = setInterval(takeLease, LEASE_MS / 3)
  try {
    return await work()
  } finally {
    clearInterval(renewing)
    try {
      localStorage.removeItem(LEASE + spaceHere())
    } catch {
      // it runs out by itself
    }
  }
}
