// The facts of a site's file that checklists ask about: their labels, and which of them a checklist names.
// The same list as app/checklists/site_fields.py (a test compares them); it must not know any checklist.

import type { Checklist } from '@/rules/types'

export interface SiteField {
  name: string
  type: 'number' | 'bool'
  label: string
  unit: string
}

function field(name: string, type: SiteField['type'], label: string, unit = ''): SiteField {
  return { name, type, label, unit }
}

export const SITE_FIELDS: readonly SiteField[] = [
  field('gas_room', 'bool', '有专用气瓶间'),
  field('stoves', 'number', '一瓶(组)供气的灶具数', '台'),
  field('basement', 'bool', '在地下或半地下'),
  field('crowded', 'bool', '人员密集场所'),
  field('exits', 'number', '安全出口数', '个'),
  field('floors', 'number', '层数', '层'),
  field('residents', 'number', '夜间住宿人数', '人'),
  field('wooden', 'bool', '木结构'),
  field('rented', 'bool', '出租或出借'),
  field('tanks', 'number', '储罐数', '个'),
  field('sealed', 'bool', '有封存部位'),
  field('closed_down', 'bool', '曾被取缔或关闭'),
  field('fireworks_limit', 'number', '烟花爆竹限制存放量', '箱'),
  field('contractors', 'bool', '有承包、承租单位'),
  field('confined_space', 'bool', '有有限空间'),
  field('combustible_dust', 'bool', '涉可燃性粉尘'),
  field('ammonia_refrigeration', 'bool', '用液氨制冷'),
  field('special_equipment', 'bool', '有特种设备'),
  field('restarting', 'bool', '停产后复工'),
  field('open_edges', 'bool', '有临边作业'),
  field('lifting_equipment', 'bool', '有起重机械'),
  field('foundation_pit', 'bool', '有基坑'),
  field('major_hazard_level', 'number', '重大危险源级别', '级'),
]

/** Only what the checklists of this site ask about; nobody fills in a form of twenty fields. */
export function fieldsAsked(checklists: readonly Checklist[]): SiteField[] {
  const conditions = checklists.flatMap((list) => list.items.flatMap((item) => [
    item.applies_if, item.na_if, item.level_if, item.answer.max_from, ...(item.notices ?? []).map((notice) => notice.if),
  ]))
  const named = new Set([...conditions.join(' ').matchAll(/site\.([a-z_]+)/g)].map((found) => found[1]))
  return SITE_FIELDS.filter((each) => named.has(each.name))
}
