// @vitest-environment jsdom
import { mount } from '@vue/test-utils'
import { h, nextTick, ref, type Component, type Ref, type Slots, type VNode } from 'vue'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HELD_MS_MAX, holdUntil, useHeld } from './steady'

type Drawn = () => VNode
const frame = (_: object, { slots }: { slots: Slots }): Drawn => { const held = useHeld(); return () => h('main', { class: { held: held.value } }, slots['default']?.()) }
const waits = (there: Ref<boolean>, inside?: Ref<boolean>) => (): Drawn => { holdUntil(() => there.value); return () => (inside && there.value ? h({ setup: waits(inside) }) : h('p')) }
const part = (there: Ref<boolean>, inside?: Ref<boolean>): Component => ({ setup: waits(there, inside) })
const Frame: Component = { setup: frame }
const screen = (...parts: Component[]) => mount({ render: () => h(Frame, () => parts.map((each) => h(each))) })
const held = (shown: ReturnType<typeof screen>): boolean => shown.find('main').classes('held')

describe('what stands on a screen stays where it stands', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  test('a screen with nothing to wait for is shown at once', async () => {
    const shown = screen(part(ref(true)))
    await nextTick()
    expect(held(shown)).toBe(false)
    shown.unmount()
  })

  test('its parts are shown together, when the last of them is there', async () => {
    const [one, other] = [ref(false), ref(false)]
    const shown = screen(part(one), part(other))
    await nextTick()
    expect(held(shown)).toBe(true)
    one.value = true
    await nextTick()
    expect(held(shown)).toBe(true)
    other.value = true
    await nextTick()
    expect(held(shown)).toBe(false)
    shown.unmount()
  })

  test('what came with a reading may itself wait for one', async () => {
    const [outer, inner] = [ref(false), ref(false)]
    const shown = screen(part(outer, inner))
    outer.value = true
    await nextTick()
    expect(held(shown)).toBe(true)
    inner.value = true
    await nextTick()
    expect(held(shown)).toBe(false)
    shown.unmount()
  })

  test('once shown, nothing takes it away again', async () => {
    const there = ref(false)
    const shown = screen(part(there))
    there.value = true
    await nextTick()
    there.value = false
    await nextTick()
    expect(held(shown)).toBe(false)
    shown.unmount()
  })

  test('a reading that never ends does not keep the screen empty, and the next screen owes it nothing', async () => {
    const stuck = screen(part(ref(false)))
    await nextTick()
    await vi.advanceTimersByTimeAsync(HELD_MS_MAX)
    expect(held(stuck)).toBe(false)
    stuck.unmount()
    const next = screen()
    await nextTick()
    expect(held(next)).toBe(false)
    next.unmount()
  })
})
