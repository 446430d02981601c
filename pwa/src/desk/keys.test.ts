// @vitest-environment jsdom
// The chief's keys do what the sheet of keys says, and never while somebody is typing.

import { describe, expect, it } from 'vitest'
import { REVIEW_KEYS, actOf } from './keys'

function press(key: string, more: Partial<KeyboardEvent> = {}, target: EventTarget | null = null): ReturnType<typeof actOf> {
  return actOf({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, target, ...more })
}

describe('keys of the review', () => {
  it('every key on the sheet works, and no key means two things', () => {
    for (const each of REVIEW_KEYS) expect(press(each.key)).toBe(each.act)
    expect(new Set(REVIEW_KEYS.map((each) => each.key)).size).toBe(REVIEW_KEYS.length)
  })

  it('liuhai types 1 into a remark and confirms nothing', () => {
    for (const name of ['input', 'textarea', 'select']) expect(press('1', {}, document.createElement(name))).toBeNull()
  })

  it('a held key decides once and still walks through the queue', () => {
    expect(press('1', { repeat: true })).toBeNull()
    expect(press('a', { repeat: true })).toBeNull()
    expect(press('j', { repeat: true })).toBe('next')
  })

  it('Ctrl+R reloads the page and returns nothing to the phone', () => {
    expect(press('r', { ctrlKey: true })).toBeNull()
    expect(press('r', { metaKey: true })).toBeNull()
    expect(press('R')).toBe('return')
  })

  it('the space bar presses the button it stands on, and enlarges photos elsewhere', () => {
    expect(press(' ', {}, document.createElement('button'))).toBeNull()
    expect(press(' ', {}, document.createElement('main'))).toBe('photos')
  })
})
