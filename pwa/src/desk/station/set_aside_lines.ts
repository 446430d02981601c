// What a set-aside record says, as label and value, for those of its fields that have a name people use. Pure.
// The rest stands in the raw text below it: nothing is left out there.

import type { SetAside } from '../data/quarantine'
import { DISPOSITION, FIELD, LEVEL, METHOD, RECHECK, word } from '../words'

export interface Said { label: string; text: string }

const VALUE_CHARS_MAX = 200
const MORE: Readonly<Record<string, string>> = {
  note: '说明', text: '内容', reason: '原因', found_on: '查出日期', fixed_on: '改好日期', rechecked_on: '复查日期', result: '结果',
  method: '检查方式', reply: '回复', started_at: '开始', finished_at: '结束', checklist: '检查表', new_deadline: '新期限',
}
const CODES: Readonly<Record<string, Readonly<Record<string, string>>>> = { level: LEVEL, disposition: DISPOSITION, result: RECHECK, method: METHOD }

export function saidBy({ readable }: SetAside): Said[] {
  if (!readable) return []
  const fields = Object.entries(readable.body).flatMap(([name, value]) => {
    const label = FIELD[name] ?? MORE[name]
    const text = valueText(name, value)
    return label && text ? [{ label, text }] : []
  })
  return readable.photos > 0 ? [...fields, { label: '照片', text: `${String(readable.photos)} 张` }] : fields
}

function valueText(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.length > 0 ? `${String(value.length)} 项` : ''
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (typeof value !== 'string' && typeof value !== 'number') return ''
  const text = String(value)
  const known = CODES[name]
  // a code nobody knows may be the very fault: it is shown as it came
  return ((known && word(known, text)) || text).slice(0, VALUE_CHARS_MAX)
}
