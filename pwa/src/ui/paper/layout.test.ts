import { expect, test } from 'vitest'
import { PAGE, layoutNotice, wrapped, type Mark, type NoticePaper } from './layout'

/** A Chinese character is as wide as it is high, the rest half of that. */
const measure = (text: string, size: number): number => [...text].reduce((sum, char) => sum + (char > '\u2e80' ? size : size / 2), 0)

function paper(more: Partial<NoticePaper> = {}): NoticePaper {
  return {
    station_name: '北河镇安监站', title: '安全隐患整改通知书', number: null, provisional: '临-1F3A90C2-17', site_name: '清溪面馆', opening: '发现下面的隐患。', closing: '本通知是告知。',
    hazards: [{ finding: '软管超过两米', deadline: '2026-12-01' }], attendance: 'signed', on_site_name: '张建国', on_site_post: '店主', inspectors: '王芳', issued_on: '2026-11-22',
    code: 'https://station/proof/#abc', void_reason: null, ...more,
  }
}

const words = (marks: readonly Mark[]): string => marks.map((mark) => (mark.kind === 'text' ? mark.text : '')).join('\n')

test('one page says who, what, until when, and where the code is', () => {
  const pages = layoutNotice(paper(), measure)
  expect(pages).toHaveLength(1)
  const said = words(pages[0]!)
  for (const part of ['北河镇安监站', '安全隐患整改通知书', '临时编号 临-1F3A90C2-17', '清溪面馆：', '软管超过两米', '期限：2026年12月1日前改好', '张建国（店主）', '检查人：王芳']) expect(said).toContain(part)
  expect(pages[0]!.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['code', 'signature']))
})

test('many long hazards go on to further pages: none is cut, none runs into the foot or off the side', () => {
  const hazards = Array.from({ length: 20 }, (_, index) => ({ finding: `第${index}条，`.padEnd(120, '灶间后墙的软管已经老化'), measure: '整改'.repeat(40), spot: '后厨', deadline: '2026-12-01' }))
  const pages = layoutNotice(paper({ hazards }), measure)
  expect(pages.length).toBeGreaterThan(2)
  const told = pages.map((page) => page.filter((mark) => mark.kind === 'text' && mark.size > 24)) // without heads and feet of pages
  const all = told.map(words).join('\n').replace(/\n/g, '')
  for (const { finding, measure: how } of hazards) for (const text of [finding, how]) expect(all).toContain(text)
  for (const [index, page] of pages.entries()) {
    expect(words(page)).toContain(`第 ${index + 1} 页，共 ${pages.length} 页`)
    for (const mark of page) {
      if (mark.kind !== 'text' || mark.text.startsWith('第 ')) continue
      expect(mark.y).toBeLessThanOrEqual(PAGE.height - PAGE.bottom)
      if (mark.align === 'left') expect(mark.x + measure(mark.text, mark.size)).toBeLessThanOrEqual(PAGE.width - PAGE.side + 2 * mark.size)
    }
  }
  const last = pages[pages.length - 1]!
  for (const part of ['现场负责人', '检查人']) expect(words(last)).toContain(part)
  expect(last.some(({ kind }) => kind === 'code')).toBe(true)
})

test('a refusal and an empty shop are said in words, and nobody signs', () => {
  for (const [attendance, said] of [['refused', '（拒绝签字）'], ['absent', '（不在现场）']] as const) {
    const [page] = layoutNotice(paper({ attendance }), measure)
    expect(words(page!)).toContain(said)
    expect(page!.some(({ kind }) => kind === 'signature')).toBe(false)
  }
})

test('choosing who signs moves nothing: the paper has its place for it from the beginning', () => {
  for (let count = 1; count <= 12; count++) {
    const hazards = Array.from({ length: count }, () => ({ finding: '软管超过两米，已经老化', spot: '后厨', measure: '换新的', deadline: '2026-12-01' }))
    const pages = ([null, 'signed', 'refused', 'absent'] as const).map((attendance) => layoutNotice(paper({ hazards, attendance }), measure).length)
    expect(new Set(pages).size).toBe(1)
  }
})

test('the station’s number comes first when it is there, and a void paper says so on every page', () => {
  const pages = layoutNotice(paper({ number: '（北河镇）安整〔2026〕7号', void_reason: '写错' }), measure)
  expect(words(pages[0]!)).toMatch(/（北河镇）安整〔2026〕7号\n临时编号 临-1F3A90C2-17/)
  for (const page of pages) expect(page.some((mark) => mark.kind === 'stamp')).toBe(true)
})

test('figures stay whole and no line begins with a comma', () => {
  const lines = wrapped('软管长2.35米，超过标准，请换成不超过2.00米的，并检查接口。', 200, (text) => measure(text, 33))
  expect(lines.join('')).toBe('软管长2.35米，超过标准，请换成不超过2.00米的，并检查接口。')
  for (const line of lines) expect(line).not.toMatch(/^[，。]/)
  for (const figure of ['2.35', '2.00']) expect(lines.some((line) => line.includes(figure))).toBe(true)
})
