// Where everything stands on a notice: A4 at 150 dots per inch, in as many pages as its hazards need. Pure: whoever calls it
// measures text. Drawing is draw.ts's; it must not know facts, rows or how the paper leaves the phone.
// stays Chinese: the paper is for whoever has to put it right

export const PAGE = { width: 1240, height: 1754, side: 130, top: 120, bottom: 130 } as const

export interface PaperLine {
  finding: string
  spot?: string | null
  measure?: string | null
  deadline?: string | null
  spot_fixed?: boolean | null
}

export interface NoticePaper {
  station_name: string
  title: string
  /** the station's number; null until it has the notice */
  number: string | null
  /** what the phone gave it; null before it is issued */
  provisional: string | null
  site_name: string
  opening: string
  closing: string
  hazards: readonly PaperLine[]
  attendance: 'signed' | 'refused' | 'absent' | null
  on_site_name: string
  on_site_post: string
  inspectors: string
  issued_on: string
  /** the address its code leads to; null before it is issued */
  code: string | null
  void_reason: string | null
}

export type Mark =
  | { kind: 'text'; text: string; x: number; y: number; size: number; bold: boolean; tone: Tone; align: 'left' | 'center' | 'right' }
  | { kind: 'rule'; x: number; y: number; width: number; weight: number; tone: Tone }
  | { kind: 'signature'; x: number; y: number; width: number; height: number }
  | { kind: 'code'; x: number; y: number; width: number; height: number }
  | { kind: 'stamp'; text: string; x: number; y: number; size: number }
export type Tone = 'ink' | 'soft' | 'red'
/** How wide a text is, in dots. */
export type Measure = (text: string, size: number, bold: boolean) => number

const INNER = PAGE.width - 2 * PAGE.side
const FLOOR = PAGE.height - PAGE.bottom
const LINE = 1.62
const SIZE = { station: 36, title: 66, number: 28, body: 33, line: 33, detail: 30, small: 24 } as const
const CLOSE_HEIGHT = 400
const CODE_DOTS = 210
/** never at the beginning of a line: they hang over the end of the one before */
const HANGING = /^[，。、；：？！）」』”’…%]/u
const PIECES = /[A-Za-z0-9.,%/〔〕-]+|./gu

/** The lines a text takes in a width; words of letters and figures stay whole. */
export function wrapped(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const piece of paragraph.match(PIECES) ?? ['']) {
      if (line !== '' && !HANGING.test(piece) && measure(line + piece) > width) {
        lines.push(line)
        line = ''
      }
      line += piece
    }
    lines.push(line)
  }
  return lines
}

export function dayText(day: string): string {
  const [year, month, date] = day.split('-').map(Number)
  return year && month && date ? `${year}年${month}月${date}日` : day
}

class Sheet {
  readonly pages: Mark[][] = [[]]
  y: number = PAGE.top
  private readonly measure: Measure
  private readonly again: string

  /** `again`: what stands at the top of every further page. */
  constructor(measure: Measure, again: string) {
    this.measure = measure
    this.again = again
  }

  put(mark: Mark): void {
    this.pages[this.pages.length - 1]?.push(mark)
  }

  /** A new page when the next `height` dots would run into the foot. */
  room(height: number): void {
    if (this.y + height <= FLOOR) return
    this.pages.push([])
    this.y = PAGE.top
    this.line(this.again, { size: SIZE.small, tone: 'soft' })
    this.y += SIZE.small
  }

  line(text: string, more: { size?: number; bold?: boolean; tone?: Tone; align?: 'left' | 'center' | 'right'; x?: number } = {}): void {
    const { size = SIZE.body, bold = false, tone = 'ink', align = 'left' } = more
    const at = { left: PAGE.side, center: PAGE.width / 2, right: PAGE.width - PAGE.side }[align]
    this.put({ kind: 'text', text, x: more.x ?? at, y: this.y + size, size, bold, tone, align })
    this.y += size * LINE
  }

  text(text: string, more: { size?: number; bold?: boolean; tone?: Tone; indent?: number } = {}): void {
    const { size = SIZE.body, bold = false, tone = 'ink', indent = 0 } = more
    for (const line of wrapped(text, INNER - indent, (piece) => this.measure(piece, size, bold))) {
      this.room(size * LINE)
      this.line(line, { size, bold, tone, x: PAGE.side + indent })
    }
  }
}

export function layoutNotice(paper: NoticePaper, measure: Measure): Mark[][] {
  const sheet = new Sheet(measure, [paper.title, paper.number ?? paper.provisional, paper.site_name, '（续）'].filter(Boolean).join('　'))
  head(sheet, paper)
  sheet.text(`${paper.site_name}：`, { bold: true })
  sheet.text(`　　${paper.opening}`)
  sheet.y += 18
  for (const [index, hazard] of paper.hazards.entries()) one(sheet, hazard, index + 1)
  sheet.text(`　　${paper.closing}`)
  close(sheet, paper)
  feet(sheet, paper)
  return sheet.pages
}

function head(sheet: Sheet, paper: NoticePaper): void {
  sheet.line(paper.station_name, { size: SIZE.station, bold: true, tone: 'red', align: 'center' })
  sheet.y += 8
  sheet.line([...paper.title].join(paper.title.length < 9 ? '\u2009' : ''), { size: SIZE.title, bold: true, align: 'center' })
  sheet.line(paper.number ?? (paper.provisional ? `临时编号 ${paper.provisional}` : '存好时编号'), { size: SIZE.number, align: 'right' })
  if (paper.number && paper.provisional) sheet.line(`临时编号 ${paper.provisional}`, { size: SIZE.small, tone: 'soft', align: 'right' })
  sheet.put({ kind: 'rule', x: PAGE.side, y: sheet.y, width: INNER, weight: 4, tone: 'red' })
  sheet.y += 34
}

function one(sheet: Sheet, hazard: PaperLine, order: number): void {
  const indent = 52
  sheet.room(SIZE.line * LINE * 2) // a number never stands alone at the foot of a page
  const first = sheet.y
  sheet.line(`${order}.`, { size: SIZE.line, bold: true })
  sheet.y = first
  sheet.text(hazard.finding, { size: SIZE.line, bold: true, indent })
  const details = [
    hazard.spot && `部位：${hazard.spot}`,
    hazard.measure && `整改意见：${hazard.measure}`,
    hazard.spot_fixed ? '已当场改好，请保持' : hazard.deadline && `期限：${dayText(hazard.deadline)}前改好`,
  ]
  for (const detail of details) if (detail) sheet.text(detail, { size: SIZE.detail, tone: 'soft', indent })
  sheet.y += 16
}

const SAID = { refused: '（拒绝签字）', absent: '（不在现场）' } as const

/** Who was there, who signed, who inspected, when; and the code. Never torn over two pages. */
function close(sheet: Sheet, paper: NoticePaper): void {
  sheet.y += 20
  sheet.room(CLOSE_HEIGHT)
  const top = sheet.y
  sheet.put({ kind: 'rule', x: PAGE.side, y: top, width: INNER, weight: 2, tone: 'soft' })
  sheet.y = top + 24
  const said = paper.attendance === 'refused' || paper.attendance === 'absent' ? SAID[paper.attendance] : ''
  const who = [paper.attendance === 'absent' ? '' : paper.on_site_name, paper.attendance !== 'absent' && paper.on_site_post && `（${paper.on_site_post}）`].filter(Boolean).join('')
  sheet.line(`现场负责人：${who}${said}`, { size: SIZE.detail })
  if (!said) {
    const label = '签名：'
    sheet.line(label, { size: SIZE.detail })
    sheet.put({ kind: 'signature', x: PAGE.side + 100, y: sheet.y - 50, width: 460, height: 150 })
    sheet.y += 90
  }
  sheet.line(`检查人：${paper.inspectors}`, { size: SIZE.detail })
  sheet.line(`${paper.station_name}　${dayText(paper.issued_on)}`, { size: SIZE.detail })
  codeBeside(sheet, paper, top + 24)
}

function codeBeside(sheet: Sheet, paper: NoticePaper, y: number): void {
  if (!paper.code) return
  const x = PAGE.width - PAGE.side - CODE_DOTS
  sheet.put({ kind: 'code', x, y, width: CODE_DOTS, height: CODE_DOTS })
  sheet.put({ kind: 'text', text: '扫码核对真伪', x: x + CODE_DOTS / 2, y: y + CODE_DOTS + 34, size: SIZE.small, bold: false, tone: 'soft', align: 'center' })
}

function feet(sheet: Sheet, paper: NoticePaper): void {
  for (const [index, page] of sheet.pages.entries()) {
    const y = PAGE.height - 60
    if (sheet.pages.length > 1) page.push({ kind: 'text', text: `第 ${index + 1} 页，共 ${sheet.pages.length} 页`, x: PAGE.width / 2, y, size: SIZE.small, bold: false, tone: 'soft', align: 'center' })
    if (paper.void_reason !== null) page.push({ kind: 'stamp', text: '已作废', x: PAGE.width / 2, y: PAGE.height / 2, size: 220 })
  }
}
