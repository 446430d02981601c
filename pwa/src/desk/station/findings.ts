// Findings in words. It must not know how they were found.

import { sayDay, sayInstant } from '../here'
import type { Finding } from '../data/types'
import { HAZARD_STATE, INSPECTION_STATE, LEVEL, word } from '../words'

interface Said {
  title: string
  lines: string[]
}

const LOG: Record<string, string> = {
  rewritten: '现在的总账不是从手机见过的那一份接着写的，中间有记录被改过或者少了。',
  unsigned: '手机收到的凭据不是本站签的。恢复备份时换过密钥的，给这部手机发一个新的登记码，在手机上重新登记，记录都会交上来。没换过密钥，就是有人冒充站里。',
  unopened: '站里的数据换过一份，却拿不出恢复的凭据。',
  unproven: '手机几次来要总账没有改过的证明，站里都拿不出来。',
}
const FIELD: Record<string, string> = { state: '状态', level: '级别', deadline: '整改期限' }

export function findingWords(item: Finding, names: Readonly<Record<string, string>>): Said {
  if (item.kind === 'log') return logWords(item, names)
  return item.kind === 'row' ? rowWords(item) : photoWords(item)
}

function logWords({ detail }: Finding, names: Readonly<Record<string, string>>): Said {
  const who = [names[detail.account ?? ''], detail.label].filter(Boolean).join(' · ')
  const kept = detail.kept ? `手机留着总账记到第 ${String(detail.kept.size)} 条时的凭据${detail.kept.time ? `（${sayInstant(detail.kept.time)}）` : ''}，` : ''
  return {
    title: `${who || '一部手机'}：站里的记录和以前给它的凭据对不上`,
    lines: [
      LOG[detail.kind ?? ''] ?? '',
      kept + (detail.proven ? '那份凭据确实是本站签过的。' : '那份凭据认不出是不是本站签的。'),
      '先别动站里的数据，请管系统的人核对总账，改过就用备份恢复。手机上的记录都还在，检查照常。',
    ].filter((line) => line !== ''),
  }
}

function rowWords({ detail }: Finding): Said {
  const changes = Object.entries(detail.fields ?? {}).map(([field, [before, after]]) => `${FIELD[field] ?? field}：${value(field, before)} 改成 ${value(field, after)}`)
  return { title: `重新计算以后变了：${detail.title ?? ''}`, lines: [changes.join('；'), '台账已按交来的记录算准。以前打印、导出过的请核对。'] }
}

function value(field: string, raw: unknown): string {
  if (raw === null || raw === undefined || raw === '') return '没有'
  const text = String(raw)
  if (field === 'state') return HAZARD_STATE[text] ?? word(INSPECTION_STATE, text)
  return field === 'level' ? word(LEVEL, text) : field === 'deadline' ? sayDay(text) : text
}

function photoWords({ detail, about }: Finding): Said {
  const lost = detail.lost === true
  const asked = lost ? '拍照的手机上也没有了。' : '已经向拍照的手机要，手机上还有的，下次上交会自己补上。'
  const aside = detail.state === 'damaged' ? '坏的那份另外留着，没有删。' : ''
  return { title: `${lost ? '照片缺失' : detail.state === 'damaged' ? '照片损坏' : '照片不见了'}：${about.slice(0, 8)}`, lines: [asked + aside] }
}
