// What a later statement still lacks before it may be put away, by kind, and what its screen is called. Pure.

import type { JsonObject, PhotoView, StepDraft, StepKind } from '@/data'

export const STEP_TITLE: Record<StepKind, string> = {
  'hazard.rechecked': '复查', 'hazard.fix_reported': '对方说改好了', 'hazard.spot_fixed': '当场整改', 'hazard.resubmitted': '补好再交', 'hazard.amended': '改隐患',
  'hazard.noted': '补一句', 'inspection.corrected': '补好再交', 'site.registered': '新建场所', 'site.amended': '补档案', 'activity.recorded': '活动', 'document.issued': '整改通知书',
}

export function text(fields: JsonObject, name: string): string {
  const value = fields[name]
  return typeof value === 'string' ? value : ''
}

/** Whether anything was touched; an emptied field counts. Whether it differs from what stood there is seen when it is put away. */
function changed(fields: JsonObject): boolean {
  return Object.keys(fields).length > 0
}

/** A new site: name, kind and grid are enough; everything else can wait. */
function siteLacks(fields: JsonObject): string | null {
  if (!text(fields, 'name').trim()) return '请写上名称'
  const [kind] = Array.isArray(fields['place_types']) ? fields['place_types'] : []
  if (!kind) return '请选类别'
  return fields['area'] ? null : '请选在哪个网格'
}

export function missingOf(step: StepDraft, photos: readonly PhotoView[]): string | null {
  const { kind, fields } = step
  if (kind === 'site.registered') return siteLacks(fields)
  if (kind === 'hazard.rechecked') {
    if (!fields['result']) return '请选改好了没有'
    return fields['result'] !== 'fixed' && !fields['new_deadline'] ? '没改好的，请定一个新期限' : null
  }
  if (kind === 'hazard.fix_reported' && !fields['fixed_on']) return '请写哪天改好的'
  // typed over and no day now: left out, the earlier deadline would hold without a word
  if (kind === 'hazard.resubmitted' && 'deadline' in fields && !fields['deadline']) return '期限没写对，年、月、日都要写'
  if (kind === 'hazard.noted') return text(fields, 'text').trim() ? null : '请写一句，光有照片站里看不明白'
  if (kind === 'document.issued') {
    if (!fields['attendance']) return '请选现场有没有人签字'
    return fields['attendance'] === 'signed' && !photos.length ? '请对方签名；不肯签就选“拒签”，没人就选“不在场”' : null
  }
  if (kind === 'activity.recorded' && !fields['day']) return '请写是哪一天'
  const resigned = photos.some((photo) => photo.role === 'signature')
  if (kind === 'inspection.corrected' && fields['attendance'] === 'signed' && !resigned) return '改成了现场签字，请对方签名'
  if (kind === 'hazard.resubmitted' || kind === 'inspection.corrected') return changed(fields) || photos.length ? null : '还没有改什么，也没有补照片或说明'
  return kind === 'site.amended' && !changed(fields) ? '还没有改什么' : null
}

/** The item a remark is about, when it is about one. */
export function itemOf(field: string): string | null {
  return /[A-Z]{2,6}-[0-9]{1,3}/.exec(field)?.[0] ?? null
}
