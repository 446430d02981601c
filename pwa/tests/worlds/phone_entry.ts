// What one page of the phone consists of in the worlds: the front doors of data/ and the transport, and the few inner
// rooms a person sees through screens. It must not hold anything of its own: it is bundled and loaded once per page.

export * as data from '@/data'
export * as later from '@/data/later'
export { openDrafts } from '@/data/drafts'
export { remaining } from '@/data/handover'
export { me, updateIdentity } from '@/data/identity'
export { cacheMarks, rowsOf } from '@/data/rows'
export { makeRoom, tidy } from '@/data/storage'
export { startTransport } from '@/transport'
export { setOrigin } from '@/transport/client'
