import { describe, expect, it } from 'vitest'
import { share } from './share'

describe('what did not change keeps its identity', () => {
  const known = { answers: { a: { value: 'pass' }, b: { value: 1 } }, hazards: [{ id: 'x' }, { id: 'y' }], note: null as string | null }

  it('the whole is the known one when nothing changed', () => {
    expect(share(known, JSON.parse(JSON.stringify(known)))).toBe(known)
  })

  it('only the way to the change is new', () => {
    const next = share(known, { ...(JSON.parse(JSON.stringify(known)) as typeof known), answers: { a: { value: 'fail' }, b: { value: 1 } } })
    expect(next).toEqual({ ...known, answers: { a: { value: 'fail' }, b: { value: 1 } } })
    expect(next.answers.a).not.toBe(known.answers.a)
    expect(next.answers.b).toBe(known.answers.b)
    expect(next.hazards).toBe(known.hazards)
  })

  it('something taken away or added is seen, also undefined and shorter lists', () => {
    expect(share({ a: 1, b: 2 }, { a: 1 })).toEqual({ a: 1 })
    expect(share({ a: 1 }, { b: undefined })).toEqual({ b: undefined })
    expect(share([1, 2, 3], [1, 2])).toEqual([1, 2])
    expect(share([{ a: 1 }], { 0: { a: 1 } })).toEqual({ 0: { a: 1 } })
  })

  it('neither value is touched', () => {
    const next = { answers: { a: { value: 'pass' } } }
    share(known, next)
    expect(next).toEqual({ answers: { a: { value: 'pass' } } })
    expect(known.answers.b).toEqual({ value: 1 })
  })
})
