// @vitest-environment jsdom
// Words typed and not sent survive a reload; words that were sent do not come back.

import { beforeEach, describe, expect, it } from 'vitest'
import { useKept } from './kept'

beforeEach(() => { sessionStorage.clear() })

describe('unsent words', () => {
  it('liuhai reloads the page in the middle of a remark and it is still there', () => {
    useKept('return.h1', { text: '' }).form.text = '照片看不清'
    expect(useKept('return.h1', { text: '' }).form.text).toBe('照片看不清')
    expect(useKept('return.h2', { text: '' }).form.text).toBe('')
  })

  it('a remark that was sent does not come back', () => {
    const kept = useKept('return.h1', { text: '' })
    kept.form.text = '补一张'
    kept.forget()
    kept.form.text = '补一张'
    expect(useKept('return.h1', { text: '' }).form.text).toBe('')
  })

  it('what an older version kept in another shape is no reason to fail', () => {
    sessionStorage.setItem('gi.desk.return.h1', '[not json')
    expect(useKept('return.h1', { text: '' }).form.text).toBe('')
  })
})
