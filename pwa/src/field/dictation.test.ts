// @vitest-environment jsdom
import { mount } from '@vue/test-utils'
import { afterEach, expect, test, vi } from 'vitest'
import LongText from './parts/LongText.vue'

class Recogniser {
  static last: Recogniser
  lang = ''
  onresult: (event: unknown) => void = () => undefined
  onerror: (event: unknown) => void = () => undefined
  onend: () => void = () => undefined
  stop = vi.fn(() => this.onend())
  abort = vi.fn()
  constructor() { Recogniser.last = this }
  start(): void { /* listens from now on */ }
}
afterEach(() => vi.unstubAllGlobals())

const shown = (modelValue: string) => mount(LongText, { props: { id: 'note', modelValue, max: 12 } })

test('where the browser cannot listen there is nothing to tap', () => {
  expect(shown('').find('button').exists()).toBe(false)
})

test('what was said stands behind what was typed, and no more than there is room for', async () => {
  vi.stubGlobal('webkitSpeechRecognition', Recogniser)
  const text = shown('后厨：')
  await text.get('button').trigger('click')
  expect(text.get('[role=status]').text()).toBe('请说，说完再点一下')
  expect(Recogniser.last.lang).toBe('zh-CN')
  Recogniser.last.onresult({ results: [[{ transcript: '软管老化' }], [{ transcript: '要马上换掉' }]] })
  expect(text.emitted('update:modelValue')).toEqual([['后厨：软管老化要马上换掉'.slice(0, 12)]])
  await text.get('button').trigger('click')
  expect(Recogniser.last.stop).toHaveBeenCalledOnce()
  expect(text.find('[role=status]').exists()).toBe(false)
})

test('who said no to the microphone is told that typing does it too; leaving stops the listening', async () => {
  vi.stubGlobal('webkitSpeechRecognition', Recogniser)
  const text = shown('')
  await text.get('button').trigger('click')
  Recogniser.last.onerror({ error: 'not-allowed' })
  Recogniser.last.onend()
  await text.vm.$nextTick()
  expect(text.get('[role=status]').text()).toContain('没让用麦克风')
  text.unmount()
  expect(Recogniser.last.abort).toHaveBeenCalledOnce()
})
