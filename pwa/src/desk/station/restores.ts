// The restore report in words a station understands. It must not know where the report comes from.

import { sayInstant } from '../here'
import { ROLE, word } from '../words'
import type { Decided, NamedPhone, Report } from '../data/restores'

const who = (name: string, phone: string): string => [name, phone].filter(Boolean).join('的') || '一部手机'

/** What nobody has brought back so far, the most telling first. */
export function missingLines(report: Report): string[] {
  const left = report.missing.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  return [
    ...report.batches.map((each) => `${who(each.name, each.phone)}交过一批 ${String(each.facts)} 条，还缺 ${String(each.lacking.length)} 条。这部手机来一次就补上。`),
    ...report.phones.map((each) => `${who(each.name, each.phone)}记到第 ${String(each.announced)} 号，这里连续收到第 ${String(each.received)} 号。`),
    ...(left > 0 ? [`还有 ${String(left)} 条没有手机交回来（原来的第 ${report.missing.map(range).join('、')} 条）。手机来一部，这里就少一些。`] : []),
    ...(report.photos.length > 0 ? [`备份里缺 ${String(report.photos.length)} 张照片，已经向手机要。`] : []),
  ]
}

const range = ({ first, last }: { first: number; last: number }): string => (first === last ? String(first) : `${String(first)}–${String(last)}`)

/** A decision of the lost days that only phones kept: who, what, when. */
export function decidedWords(item: Decided): string {
  const name = item.name || '（没有姓名）'
  const what: Record<string, string> = {
    'account.set': item.active === false ? `停用了账号 ${name}` : `建了或改了账号 ${name}`,
    'grant.set': `${name} 的角色改成 ${(item.roles ?? []).map((role) => word(ROLE, role)).join('、') || '没有'}`,
    'enrolment.set': `${item.state === 'revoked' ? '停用了' : '登记了'} ${who(name, item.label ?? '')}`,
    'checklist.published': `发布了检查表 ${item.checklist ?? ''} 第 ${String(item.version ?? '')} 版`,
  }
  return `${sayInstant(item.at)} ${item.by ? `${item.by}：` : ''}${what[item.kind] ?? ''}`
}

export const phoneWords = (item: NamedPhone): string => `${who(item.name, item.phone)}，${item.seen_at ? `上次来 ${sayInstant(item.seen_at)}` : '还没来过'}`
