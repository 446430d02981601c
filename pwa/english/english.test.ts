// The tool that makes the field app English, on small sources; what its guard calls wrong; and that what is recorded stays as it is.

import { describe, expect, test } from 'vitest'
import { compile } from '@vue/compiler-dom'
import { messagesOf, messagesOfPage } from './messages.ts'
import { report } from './report.ts'
import { contractWords, ownWords, sourcePath } from './sources.ts'
import { inEnglish, pageInEnglish } from './words.ts'

const keys = (path: string, code: string): string[] => messagesOf(path, code).map(({ key }) => key)
const inVue = (template: string, words: Record<string, string>): string => inEnglish('field/a.vue', `<template>${template}</template>`, words).slice('<template>'.length, -'</template>'.length)

describe('what the guard calls wrong', () => {
  const found = messagesOf('field/a.ts', "const a = '检查', b = `还有 ${n} 张`")
  const own = { 检查: 'Inspection', '还有 {0} 张': '{0} {0|photo|photos} left' }
  const faults = (change: Record<string, string>): string[] => report(found.map((message) => ({ path: 'field/a.ts', message })), { ...own, ...change }, {}).wrong

  test('nothing, as long as all is well', () => {
    expect(report(found.map((message) => ({ path: 'field/a.ts', message })), own, {})).toEqual({ missing: [], unused: [], wrong: [] })
  })

  test.each([
    ['Chinese left over', { 检查: 'Inspection 检查' }, 'Chinese left'],
    ['a comma of the other script', { 检查: 'Inspection，done' }, 'Chinese left'],
    ['what was filled in is dropped', { '还有 {0} 张': 'photos left' }, 'other things filled in'],
    ['something else filled in', { '还有 {0} 张': '{0} of {1} left' }, 'other things filled in'],
    ['a plural with one form', { '还有 {0} 张': '{0} {0|photo} left' }, 'no such form'],
    ['a plural that never says the number', { '还有 {0} 张': '{0|a photo|photos} left' }, ''],
    ['a list with a gap', { '还有 {0} 张': '{0:one,,three}' }, 'no such form'],
    ['nothing at all', { 检查: ' ' }, 'empty'],
  ])('%s', (_what, change, fault) => {
    const said = faults(change as unknown as Record<string, string>)
    if (fault === '') expect(said).toEqual([])
    else expect(said.join()).toContain(fault)
  })

  test('a text without English, and English without a text', () => {
    const { missing, unused } = report(found.map((message) => ({ path: 'field/a.ts', message })), { 检查: 'Inspection', 旧的: 'old' }, {})
    expect(missing).toEqual([{ key: '还有 {0} 张', path: 'field/a.ts' }])
    expect(unused).toEqual(['旧的'])
  })

  test('English of its own for a place where nothing of it stands any more', () => {
    expect(report([{ path: 'field/a.ts', message: found[0]! }], { 检查: 'Inspection', '检查@field/b.ts': 'inspections' }, {}).unused).toEqual(['检查@field/b.ts'])
  })

  test('English that the server says too', () => {
    expect(report([{ path: 'field/a.ts', message: found[0]! }], { 检查: 'Inspection' }, { 检查: 'Inspection' }).unused).toEqual(['检查'])
  })

  test('a dictionary out of order', () => {
    const words = report([], { 乙: 'b', 丙: 'c', 甲: 'a' }, {}).wrong
    expect(words).toContain('en.json is not sorted')
  })
})

describe('texts that are found', () => {
  test('in scripts: plain, filled in, and within what is filled in', () => {
    expect(keys('a.ts', "const a = '照片', b = `共 ${n > 0 ? `${n} 张` : '没有'}`, c = 'photo'")).toEqual(['照片', '共 {0}', '{0} 张', '没有'])
  })

  test('in templates: text with what is filled in as one, attributes, expressions, slots', () => {
    const template = '<p title="看">还有 {{ n }} 条，{{ ok ? \'好\' : \'\' }}<b>断</b>了</p><C :label="`第 ${n} 个`" @go="say(\'好\'); leave()"><template #foot>完</template></C>'
    expect(keys('a.vue', `<template>${template}</template>`)).toEqual(['看', '还有 {0} 条，{1}', '好', '断', '了', '第 {0} 个', '好', '完'])
  })

  test('in the page: between tags and in attributes', () => {
    expect(messagesOfPage('<meta content="没有信号"><title>网格安检</title><p class="a">好\n</p>').map(({ key }) => key)).toEqual(['没有信号', '网格安检', '好'])
  })

  test('no types, no comments, no pattern', () => {
    expect(keys('a.ts', "type A = '照片' // 照片\nconst b = /照片/ /* 照片 */")).toEqual([])
  })

  test('nothing that says why it stays Chinese, but the next statement again', () => {
    expect(keys('a.ts', "// stays Chinese: recorded\nconst a = ['店主']\n/** Why. stays Chinese: recorded */\nfunction b() {\n  return '家属'\n}\nconst c = '好'")).toEqual(['好'])
    expect(keys('a.ts', "const a = { label: '罐', /* stays Chinese: compared */ about: ['储罐'], unit: '个' }")).toEqual(['罐', '个'])
    expect(keys('a.ts', "// A file.\n// stays Chinese: as on paper\n\nimport { a } from './a'\n\nexport const b = a('照片')")).toEqual([])
  })

  test('only of the field app, and never of its tests', () => {
    expect(sourcePath(new URL('../src/field/saying.ts', import.meta.url).pathname)).toBe('field/saying.ts')
    for (const other of ['../src/desk/words.ts', '../src/field/saying.test.ts', '../src/field/App.vue?vue&type=style', '../node_modules/vue/index.ts']) {
      expect(sourcePath(new URL(other, import.meta.url).href.replace('file://', ''))).toBeNull()
    }
  })
})

describe('the English in its place', () => {
  test('in a script, what is filled in may move, repeat and choose', () => {
    const words = { '{0}月{1}日': '{1} {0:Jan,Feb}', '{0} 张': '{0} {0|photo|photos}' }
    const run = (n: number): unknown => new Function('month', 'day', 'n', inEnglish('a.ts', 'return [`${month}月${day}日`, `${n} 张`]', words))(2, 22, n)
    expect(run(1)).toEqual(['22 Feb', '1 photo'])
    expect(run(0)).toEqual(['22 Feb', '0 photos'])
  })

  test('quotes, back ticks, dollars and backslashes come out as they were written', () => {
    const hard = 'It’s "a" `b` $' + '{c} \\ \' & <d>'
    const run = new Function('n', inEnglish('a.ts', "return ['甲', `乙${n}`]", { 甲: hard, '乙{0}': `{0}${hard}` }))
    expect(run(1)).toEqual([hard, `1${hard}`])
  })

  test('in a template, inside and outside of quotes, and still a template', () => {
    const words = { '还有 {0} 条': '{0} {0|is|are} left', 看: 'Tom & "Jerry"', 好: 'it’s "fine"', '第 {0} 个': 'no. {0}' }
    const english = inVue('<p title="看" :label="ok ? \'好\' : `第 ${n} 个`">\n  还有 {{ n }} 条\n</p>', words)
    expect(english).toBe('<p title="Tom &amp; &quot;Jerry&quot;" :label="ok ? \'it’s \\x22fine\\x22\' : `no. ${n}`">\n  {{ n }} {{ (n) == 1 ? \'is\' : \'are\' }} left\n</p>')
    expect(() => compile(english, { onError: (error) => { throw error } })).not.toThrow()
  })

  test('a text inside what is filled in is English too, also when it moves', () => {
    expect(inVue("<p>{{ a ? '快' : '慢' }}了 {{ n }}</p>", { '{0}了 {1}': '{1} too {0}', 快: 'fast', 慢: 'slow' })).toBe("<p>{{ n }} too {{ a ? 'fast' : 'slow' }}</p>")
  })

  test('a place may have words of its own', () => {
    const words = { 日: 'Day', '日@field/saying.ts': 'Sun' }
    expect(inEnglish('field/saying.ts', "['日']", words)).toBe("['Sun']")
    expect(inEnglish('ui/DayField.vue', "<script>\nconst a = '日'\n</script>", words)).toContain("'Day'")
  })

  test('the page says its language', () => {
    expect(pageInEnglish('p', '<html lang="zh-CN"><title>网格安检</title>', { 网格安检: 'Grid Inspector' })).toBe('<html lang="en"><title>Grid Inspector</title>')
  })

  test('a text without English stops the build and is named with its place', () => {
    expect(() => inEnglish('field/a.ts', "const a = '照片'", {})).toThrow(/field\/a\.ts.*照片.*en\.json/)
  })
})

/** Whatever is recorded is the same on every screen: these sources are not touched where they say so. */
test.each([
  ['field/check/AttendanceFields.vue', '店主'],
  ['ui/phrase.ts', '【'],
  ['ui/phrase.ts', '若干'],
  ['rules/finding.ts', '没填'],
  ['field/check/visit_plan.ts', '【'],
  ['rules/sentences.ts', '工作要求'],
  ['rules/sentences.ts', '待核'],
  ['rules/days.ts', '年'],
  ['rules/judges.ts', '、'],
  ['rules/case.ts', '读数'],
  ['rules/overlay.ts', '临-'],
  ['rules/watermark.ts', '北纬'],
  ['data/enrol.ts', '浏览器'],
  ['data/asked_again.ts', '清掉了'],
  ['transport/photo.ts', '找不到了'],
  ['rules/document_number.ts', '〔'],
  ['rules/notice_words.ts', '行政处罚'],
  ['rules/notice_words.ts', '请按整改意见'],
  ['rules/notice_words.ts', '安全隐患整改通知书'],
  ['data/notices.ts', '未写名称'],
  ['ui/paper/layout.ts', '签名：'],
  ['ui/paper/notice.ts', '通知书'],
  ['contract/site_fields.ts', '储罐'],
])('%s records %s whatever the language of the screen', async (path, text) => {
  const { readFile } = await import('node:fs/promises')
  const code = await readFile(new URL(`../src/${path}`, import.meta.url), 'utf8')
  expect(withoutComments(inEnglish(path, code, { ...contractWords(), ...ownWords() }))).toContain(text)
})

const withoutComments = (code: string): string => code.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '')
