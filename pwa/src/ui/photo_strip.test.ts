// @vitest-environment jsdom
// 拍照 and 相册: both always there, nothing opens before the work is safe, and files go up in the event they arrive in.

import { mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import PhotoStrip from './PhotoStrip.vue'

const opened = (strip: ReturnType<typeof mount>, source: string) => vi.spyOn(strip.get<HTMLInputElement>(`[data-source=${source}]`).element, 'click')

test('camera and gallery are both offered, and both take any picture', () => {
  const strip = mount(PhotoStrip, { props: { photos: [], label: '隐患照片' } })
  const inputs = strip.findAll<HTMLInputElement>('input[type=file]')
  expect(inputs.map((input) => input.attributes('accept'))).toEqual(['image/*', 'image/*'])
  expect(inputs.map((input) => input.attributes('capture'))).toEqual(['environment', undefined])
  expect(strip.findAll('.add').map((button) => button.text())).toEqual(['拍照', '相册'])
})

test('the camera stays shut when what was typed could not be stored first', async () => {
  const strip = mount(PhotoStrip, { props: { photos: [], label: '隐患照片', before: () => Promise.resolve(false) } })
  const click = opened(strip, 'camera')
  await strip.findAll('.add')[0]!.trigger('click')
  await Promise.resolve()
  expect(click).not.toHaveBeenCalled()
})

test('the camera opens only after the intent is stored', async () => {
  let store: (ok: boolean) => void = () => undefined
  const strip = mount(PhotoStrip, { props: { photos: [], label: '隐患照片', before: () => new Promise<boolean>((resolve) => { store = resolve }) } })
  const click = opened(strip, 'camera')
  await strip.findAll('.add')[0]!.trigger('click')
  expect(click).not.toHaveBeenCalled()
  store(true)
  await vi.waitFor(() => expect(click).toHaveBeenCalledOnce())
})

test('two pictures from the gallery go up together, in the same event', async () => {
  const strip = mount(PhotoStrip, { props: { photos: [], label: '隐患照片' } })
  const files = [new File(['a'], 'a.jpg'), new File(['b'], 'b.jpg')]
  const input = strip.get<HTMLInputElement>('[data-source=gallery]')
  Object.defineProperty(input.element, 'files', { value: files })
  input.element.dispatchEvent(new Event('change'))
  expect(strip.emitted('files')).toEqual([[files, 'gallery']])
})
