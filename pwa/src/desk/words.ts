// Words for codes and every sentence of the desk that is longer than a label, in one place.
// Plain Chinese, short, no jargon, no exclamation marks, no blame. No logic beyond filling something in.

import type { PhotoRole } from '@/contract/wire'
import type { Tone } from '@/ui/Pill.vue'

type Words = Readonly<Record<string, string>>

export const LEVEL: Words = { general: '一般', suspected_major: '疑似重大', major: '重大' }
export const LEVEL_TONE: Readonly<Record<string, Tone>> = { general: 'fail', suspected_major: 'major', major: 'major' }

export const HAZARD_STATE: Words = {
  submitted: '待审', returned: '已退回', confirmed_general: '已定为一般', confirmed_major: '已定为重大', spot_fixed: '当场已改',
  rectifying: '限期整改', fix_pending: '待复查销号', review_failed: '复查没过', reopened: '又开了', closed: '已销号', void: '已作废', incomplete: '还没交齐',
}
export const STATE_TONE: Readonly<Record<string, Tone>> = {
  submitted: 'accent', returned: 'info', confirmed_general: 'fail', confirmed_major: 'major', spot_fixed: 'accent', rectifying: 'fail',
  fix_pending: 'info', review_failed: 'fail', reopened: 'fail', closed: 'pass', void: 'na', incomplete: 'na',
}
export const STATES = Object.keys(HAZARD_STATE).filter((state) => state !== 'incomplete')

export const INSPECTION_STATE: Words = { submitted: '待审', returned: '已退回', accepted: '已收下', void: '已作废', incomplete: '还没交齐' }
export const METHOD: Words = {
  routine: '日常检查', special: '专项检查', joint: '联合检查', covert: '暗访', report: '群众反映', self: '自查', assigned: '上级交办', look_back: '回头看',
}
export const ATTENDANCE: Words = { signed: '已签字', refused: '拒签', absent: '不在场' }
export const DISPOSITION: Words = { on_spot: '当场整改', by_deadline: '限期整改', stop_use: '停止使用', stop_business: '停业整顿', hand_over: '移交' }
export const RECHECK: Words = { fixed: '已整改', not_fixed: '未整改', partly: '部分整改' }
export const VERDICT: Words = { pass: '合格', fail: '不合格', na: '无此项', reading: '读数', unmeasured: '没量到', unanswered: '没答' }
export const VERDICT_TONE: Readonly<Record<string, Tone>> = { pass: 'pass', fail: 'fail', na: 'na', reading: 'info', unmeasured: 'na', unanswered: 'na' }
export const ANSWERED: Words = { tapped: '点选', measured: '实测', carried: '沿用上次', rest_pass: '其余全部合格', unknown: '' }
export const ROLE: Words = { inspector: '网格员', certified_inspector: '监管员', chief: '站长', admin: '管理员' }
export const STAFF_TYPES = ['行政', '事业', '编外', '村级'] as const
export const AREA_LEVEL: Words = { town: '镇（街道）', village: '村（社区）', grid: '网格' }
export const DUE: Words = { overdue: '过期没查', due_soon: '快到期', never: '还没查过', due: '本期要查', done: '本期已查' }
export const DUE_TONE: Readonly<Record<string, Tone>> = { overdue: 'fail', due_soon: 'accent', never: 'info', due: 'na', done: 'pass' }
export const GRADE: Words = { A: 'A 级 每月查', B: 'B 级 每季度查', C: 'C 级 每半年查' }
export const PHOTO_ROLE: Readonly<Record<PhotoRole, string>> = { before: '整改前', after: '整改后', scene: '现场', signature: '签字', paper: '纸质' }
export const EXPORT_STATE: Words = { waiting: '排着队', running: '正在做', done: '做好了', failed: '没有做成' }
export const BASIS_STATUS: Words = { seed: '文件原句', verified: '条款已核', secondary: '转载所见', unverified: '条款没核' }

/** Fields a remark may be about, as people call them. */
export const FIELD: Words = {
  finding: '隐患描述', spot: '部位', category: '类别', level: '等级', basis: '依据', disposition: '怎么处理', measure: '怎么改', deadline: '期限',
  fix_owner: '谁来改', fix_owner_phone: '责任人电话', photos: '照片', answers: '检查项', remark: '备注', attendance: '签字', on_site_name: '现场人员',
  on_site_post: '职务', on_site_phone: '现场人员电话', site: '场所', grade: '分级', high_risk: '高危', area: '所属网格', name: '名称',
  fund_wan: '资金', contingency: '应急措施', document_no: '文书文号', owner_name: '负责人', owner_phone: '联系电话', place_types: '类型', address: '地址',
}
export const HAZARD_FIELDS = ['photos', 'spot', 'finding', 'measure', 'deadline', 'fix_owner', 'level', 'basis'] as const
export const INSPECTION_FIELDS = ['answers', 'attendance', 'on_site_name', 'photos', 'remark', 'site'] as const

/** What happened, said of the person who did it. */
export const STEP: Words = {
  'inspection.submitted': '在手机上填好检查', 'inspection.corrected': '补正了检查', 'inspection.reviewed': '审核了检查', 'inspection.voided': '作废了检查',
  'hazard.found': '在手机上记下', 'hazard.amended': '改了内容', 'hazard.returned': '退回，要补', 'hazard.resubmitted': '补好重新上交',
  'hazard.confirmed': '定了等级', 'hazard.ordered': '责令限期整改', 'hazard.spot_fixed': '当场已改', 'hazard.fix_reported': '报整改完成',
  'hazard.rechecked': '复查', 'hazard.closed': '销号', 'hazard.reopened': '重新打开', 'hazard.voided': '作废', 'hazard.linked': '认了是不是同一处',
  'document.issued': '在手机上出具', 'document.voided': '作废', 'hazard.noted': '写了一句', 'photo.lost': '有照片找不回', 'photo.checked': '核实了照片', 'ledger.admitted': '改判收录', 'ledger.redacted': '依法抹去个人信息',
  'site.registered': '登记了场所', 'site.amended': '改了场所', 'site.retired': '停用了场所',
}

export const SAY = {
  app: '网格安检',
  loading: '正在取',
  again: '再试一次',
  queue_empty: '没有要审的了',
  queue_empty_hint: '手机上交以后，这里会自己多出来。',
  returned_empty: '没有退回去的',
  done_empty: '还没有审完的',
  pick_one: '从左边选一份来看',
  ledger_empty: '没有这样的隐患',
  ledger_empty_hint: '换个条件看看，或者去掉几个条件。',
  photo_coming: '照片在路上',
  photo_coming_hint: '先看小图，收妥后会换成清楚的。',
  photo_broken: '照片打不开',
  photo_broken_hint: '原文件留着，可以下载。',
  photo_missing: '照片缺失',
  lost_hint: '先问过拍照的人。记下以后大家就不再等它，记录里写明缺失和原因；万一以后又交来，照样收下。',
  no_photos: '没有照片',
  accept_all: '收下整份',
  accept_majors_first: (count: number): string => `还有 ${String(count)} 条疑似重大要先逐条定。`,
  accept_clears: (count: number): string => (count ? `收下时，剩下的 ${String(count)} 条一并定为一般。` : '收下后进检查台账。'),
  waits_for_author: '已退回，等手机上补好再交来。',
  all_decided: '隐患都定了',
  spot_fixed_hint: '手机上说当场已改好，看看改后照片。',
  clock_right: '手机时间对得上',
  login_lead: '站里的人用账号和密码进。检查用的手机不在这里登录。',
  login_forgot: '忘了密码，请管理员发一个一次性链接。',
  password_lead: '给自己设一个密码：至少 8 位，大写字母、小写字母、数字、符号里用三种。',
  password_done: '密码设好了，用它登录。',
  password_twice: '两次填的不一样。',
  revoke_what: '停用以后，这部手机不能再取数。它没交的记录再交来，会原样放进隔离区，由站里看过再定，不会丢。',
  link_once: '只能用一次，24 小时内有效。发给本人，自己打开设密码。再发一次，旧的就作废。',
  code_once: '一个登记码只能登记一部手机。打开链接不会登记，点“登记这部手机”才会。在微信里打不开，请用手机自带的浏览器。',
  import_lead: '先下载模板，照着填好再传上来。传上来只是先看一遍，点“导入”以前什么都不会变。',
  import_all_or_none: '有一行不对，就整张都不导入。改好再传。',
  export_lead: '按条件把台账做成表格。做的时候可以去干别的，做好了在下面下载。',
  conflict_lead: '两边互相不知道，说得不一样。没定以前，按从严的算。',
  rescue_lead: '手机一直连不上站里时，可以把没交的做成文件，用微信或数据线发过来，在这里导入。和手机自己上交一样算数。',
  quarantine_lead: '手机交来、但不能直接收进台账的记录，原样放在这里，一个字都没动。',
  feedback_empty: '还没有人提意见',
  void_paper_hint: '文号作废后不再给别的通知书用；里面的隐患还在，可以另出一份。',
  void_hint: '作废不是删除，还留在台账里，写明原因。',
  retire_hint: '停用后不再排检查，档案和隐患都还在。',
  unmask_hint: '看全号要写明原因，会留下记录。',
  override_hint: '发现和复查是同一个人，要写明为什么可以销号（比如站里只有两个人）。',
  session_over: '登录过期了，请重新登录。没发出去的话都还留着。',
} as const

export function fieldName(field: string): string {
  const base = field.split(/[.:[]/)[0] ?? field
  return FIELD[field] ?? FIELD[base] ?? (/^[A-Z]+-\d+$/.test(field) ? field : '这一处')
}

export function word(words: Words, code: string | null | undefined): string {
  return code ? (words[code] ?? code) : ''
}

export const QUARANTINED = '放进了隔离区'
