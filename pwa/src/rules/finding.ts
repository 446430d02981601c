// A finding whose ready sentence still has an open blank: 软管【情形】. Recorded by releases that did not ask for every blank;
// what was recorded stays, and whoever shows it says in words that something is not filled in. The same as app/hazards/rules.py
// (tests/vectors/finding.json). It must not know how sentences are put together. stays Chinese: part of the finding

const OPEN = /【([^【】]{1,20})】/g
/** Blanks of the bundled checklists: only their sentences were ever recorded with one left open. */
const LABELS = new Set((
  '部位 证照名称 缺少什么 情形 姓名 不会什么 物品 设施 品名 数量 人数 行为 谁的 ' +
  '登记用途 实际用途 从事什么 容器 种类 个数 迹象 作业 封条编号 车牌 用途 设备 ' +
  '部件 地点 对象 品种 项目 姓名或工种 单位 岗位 洞口 基坑深度 罐号 登记介质 ' +
  '实际介质 位号 路口 编号 不符之处 户数 户主 水源 行为人'
).split(' '))

/** The label of a blank that stands open in a finding, or null. */
export function openBlankIn(finding: string): string | null {
  return [...finding.matchAll(OPEN)].find(([, label = '']) => LABELS.has(label))?.[1] ?? null
}

/** The finding as a list or a paper says it; one's own words beside a checklist (no item) are left alone. */
export function saidFinding({ finding, item }: { finding: string | null; item?: string | null | undefined }): string {
  return (item ? finding?.replace(OPEN, (blank, label: string) => (LABELS.has(label) ? `（${label}没填）` : blank)) : finding) ?? ''
}
