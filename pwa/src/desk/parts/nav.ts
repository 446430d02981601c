// The desk's menu: where one can go, who may, and which number stands beside it.

import type { IconName } from '@/ui/icons'
import type { Overview } from '../data/types'

export interface NavEntry {
  to: string
  label: string
  icon: IconName
  roles?: readonly string[]
  count?: (overview: Overview) => string
  /** stands in the phone's bottom bar; the others are under 更多 */
  first?: boolean
}

const STAFF = ['chief', 'admin'] as const

export const NAV: readonly NavEntry[] = [
  { to: '/review', label: '审核', icon: 'check', first: true, count: (now) => (now.waiting ? String(now.waiting) : '') },
  { to: '/hazards', label: '隐患台账', icon: 'warning', first: true, count: (now) => (now.overdue ? `${String(now.overdue)} 逾期` : '') },
  { to: '/matters', label: '要定的事', icon: 'edit', roles: STAFF, count: (now) => { const left = Object.values(now.matters).reduce((sum, each) => sum + each, 0); return left ? String(left) : '' } },
  { to: '/sites', label: '场所', icon: 'place', first: true, count: (now) => (now.sites['overdue'] ? `${String(now.sites['overdue'])} 过期` : '') },
  { to: '/exports', label: '导出', icon: 'receipt', roles: STAFF },
  { to: '/people', label: '人员和手机', icon: 'phone', roles: STAFF },
  { to: '/areas', label: '区域和网格', icon: 'house' },
  { to: '/checklists', label: '检查表', icon: 'today' },
  { to: '/campaigns', label: '专项', icon: 'clock', roles: STAFF },
  { to: '/settings', label: '通知书和照片', icon: 'edit', roles: ['admin'] },
  { to: '/imports', label: '导入', icon: 'hand_over', roles: ['admin'] },
  { to: '/rescue', label: '手机文件', icon: 'hand_over', roles: STAFF },
  { to: '/activities', label: '活动', icon: 'edit' },
  { to: '/feedback', label: '意见反馈', icon: 'speech', roles: STAFF },
  { to: '/findings', label: '核对提醒', icon: 'warning', roles: STAFF, count: (now) => (now.findings ? String(now.findings) : '') },
  { to: '/quarantine', label: '隔离区', icon: 'help', roles: STAFF, count: (now) => (now.quarantined ? String(now.quarantined) : '') },
  { to: '/restores', label: '恢复记录', icon: 'receipt', roles: STAFF },
]

export function navFor(roles: readonly string[]): NavEntry[] {
  return NAV.filter((entry) => !entry.roles || entry.roles.some((role) => roles.includes(role)))
}
