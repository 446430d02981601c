// Every sentence of the field app that is longer than a label, and all words for codes, in one place.
// Plain Chinese a village inspector uses: short, no jargon, no exclamation marks, no blame. No logic beyond filling a number in.

import type { Attendance, HazardState, InspectionState, Level, Method, RecheckResult } from '@/contract/wire'
import { TODAY } from './words_today'

export { FIELD, TODAY, fieldName } from './words_today'

export const LEVEL: Record<Level, string> = { general: '一般', suspected_major: '疑似重大', major: '重大' }

export const HAZARD_STATE: Record<HazardState, string> = {
  submitted: '站长还没看', returned: '站长退回，要补', confirmed_general: '已定为一般，要改好', confirmed_major: '已定为重大',
  spot_fixed: '当场已改，等站长看', rectifying: '正在改', fix_pending: '改好了，等销号', review_failed: '复查没过',
  reopened: '又开了', closed: '已销号', void: '已作废',
}

export const INSPECTION_STATE: Record<InspectionState, string> = {
  submitted: '站长还没看', returned: '站长退回，要补', accepted: '站长已收下', void: '已作废',
}

export const METHOD: Record<Method, string> = {
  routine: '日常检查', special: '专项检查', joint: '联合检查', covert: '暗访', report: '群众反映', self: '自查', assigned: '上级交办', look_back: '回头看',
}

export const ATTENDANCE: Record<Attendance, string> = { signed: '现场签字', refused: '拒签', absent: '不在场' }

export const RECHECK: Record<RecheckResult, string> = { fixed: '已整改', not_fixed: '未整改', partly: '部分整改' }

export const HISTORY: Record<string, string> = {
  'hazard.found': '查出', 'hazard.rechecked': '复查', 'hazard.closed': '销号', 'hazard.spot_fixed': '当场整改', 'hazard.confirmed': '站长定级',
}

export const SAY = {
  ...TODAY,
  app: '网格安检',
  saved: '每一下都已存好',
  saving: '正在存',
  save_failed: '刚才那一下没有存上',
  camera_cut: '上次拍照被系统中断，请重拍或从相册选取',
  camera_cut_some: '上次拍照被系统中断。打勾的都存好了，缺的请重拍或从相册选取',
  nothing_found: '没有找到这个场所',
  nothing_found_hint: '换个说法试试：店名、首字母、村名都行。还是没有，就新建一个。',
  finish_saved: '已存好',
  finish_hint: '都在这部手机里，断网关机也不会丢。有信号会自己上交，也可以现在就交。',
  not_here: '这条记录不在这部手机上',
  not_here_hint: '可能已经存好交上去了，或者不归你的网格管。',
  enrol_lead: '登记以后，这部手机查的、拍的都记在你名下。',
  enrol_code_hint: '站里给的登记码，字母和数字都行，不分大小写。',
  enrol_link: '登记链接已经带来了登记码。点下面的按钮之前，什么都不会登记。',
  feedback_lead: '不好用、看不懂、想要什么，都写在这里。没信号也能写，有信号时一起上交。',
  feedback_done: '记下了，有信号时一起上交',
  others: '单子上没有的，也可以记一条隐患。',
  undo: '撤销上一步',
  step_undone: '上一步撤销了',
  steps_undone: '这几项已恢复成原来的样子',
  major_note: '疑似重大由站长判定，这里只如实记下。',
  photo_why: '照片只拍有问题的地方，不用拍人。',
  photo_needed: '最好有一张照片，看得清是哪里、什么样。',
  clock_off: (minutes: number) => `手机时间${minutes > 0 ? '快' : '慢'} ${spell(Math.abs(minutes))}，不影响记录，站里会按实际时间对。`,
} as const

function spell(minutes: number): string {
  if (minutes < 60) return `${minutes} 分钟`
  if (minutes < 60 * 48) return `${Math.round(minutes / 60)} 小时`
  return `${Math.round(minutes / 1440)} 天`
}
