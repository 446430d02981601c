// The sentences that 今天 itself may say: they are in the first load, all others (words.ts) come with their screens.

export const TODAY = {
  no_facts_yet: '还没有从站里取到场所',
  no_facts_hint: '有信号的时候打开一次，名单就下来了，以后没信号也能看。',
  no_sites: '你的网格里还没有场所',
  no_sites_hint: '点下面的“场所”，可以自己新建；分错了网格，请找站里。',
  all_done: '这个月的都查过了',
  all_done_hint: '要去别处，点下面的“场所”。',
  revoked: '这部手机的登记已经停用。没交的还能交，新的检查请找站里重新登记。',
} as const

/** The fields a chief can write a remark about, as people call them. */
export const FIELD: Record<string, string> = {
  finding: '隐患描述', spot: '部位', category: '类别', level: '级别', basis: '依据', disposition: '怎么处理', measure: '怎么改', deadline: '期限',
  fix_owner: '谁来改', fix_owner_phone: '责任人电话', photos: '照片', answers: '检查项', remark: '备注', attendance: '签字', on_site_name: '现场人员',
  on_site_post: '现场人员职务', on_site_phone: '现场人员电话', hazards: '隐患', site: '场所',
}

export function fieldName(field: string): string {
  const base = field.split(/[.:[]/)[0] ?? field
  return FIELD[field] ?? FIELD[base] ?? (/^[A-Z]+-\d+$/.test(field) ? '检查项' : '这一处')
}
