// Structural sharing: of two values that say the same, keep the one that is known already.
// A screen with thirty cards then draws the one that changed and not all of them; it must not know what it shares.
// Both values are plain data (what JSON can hold) and are never changed in place.

/** `next`, with every part that equals the part of `known` at the same place replaced by that very part. */
export function share<Value>(known: unknown, next: Value): Value {
  if (known === next || !isObject(known) || !isObject(next) || Array.isArray(known) !== Array.isArray(next)) return next
  const before = known as Record<string, unknown>
  const after = next as Record<string, unknown>
  const names = Object.keys(after)
  let same = Object.keys(before).length === names.length
  const shared: Record<string, unknown> = Array.isArray(next) ? ([] as unknown as Record<string, unknown>) : {}
  for (const name of names) {
    shared[name] = share(before[name], after[name])
    if (shared[name] !== before[name] || !(name in before)) same = false
  }
  return (same ? known : shared) as Value
}

function isObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
}
