// One thing changed at two places at once, and what it was before: nothing that only one of them said is lost.
// Plain data (what JSON can hold). It must not know what it merges.

type Fields = Record<string, unknown>

/** `mine`, with everything that only `theirs` changed since `base`. Where both changed the same value, mine stands. */
export function merge<Value>(base: unknown, mine: Value, theirs: unknown): Value {
  return either(base, mine, theirs) as Value
}

function either(base: unknown, mine: unknown, theirs: unknown): unknown {
  if (same(mine, base)) return theirs
  if (same(theirs, base) || same(theirs, mine)) return mine
  if (mine === undefined) return theirs // taken out here, changed there: it stays
  if (isFields(mine) && isFields(theirs)) return fields(isFields(base) ? base : {}, mine, theirs)
  if (isNamed(mine) && isNamed(theirs)) return named(isNamed(base) ? base : [], mine, theirs)
  return mine
}

function fields(base: Fields, mine: Fields, theirs: Fields): Fields {
  const merged: Fields = {}
  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const value = either(base[name], mine[name], theirs[name])
    if (value !== undefined) merged[name] = value
  }
  return merged
}

/** Lists of things with an id are merged thing by thing, in my order, theirs at the end. */
function named(base: Named, mine: Named, theirs: Named): Named {
  const [was, own, other] = [byId(base), byId(mine), byId(theirs)]
  const ids = new Set([...own.keys(), ...other.keys()])
  return [...ids].flatMap((id) => {
    const value = either(was.get(id), own.get(id), other.get(id))
    return value === undefined ? [] : [value as Named[number]]
  })
}

type Named = (Fields & { id: string })[]

function byId(list: Named): Map<string, Fields> {
  return new Map(list.map((each) => [each.id, each]))
}

function same(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNamed(value: unknown): value is Named {
  return Array.isArray(value) && value.every((each) => isFields(each) && typeof each.id === 'string')
}
