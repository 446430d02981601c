// What an exported file brought, in sentences. Pure.

import type { RescueReport } from '../data/rescue'
import { STEP, word } from '../words'

export function broughtWords({ facts, photos, first }: RescueReport): string {
  const came = [facts.new ? `${String(facts.new)} 条记录` : '', photos.new ? `${String(photos.new)} 张照片` : ''].filter(Boolean).join('、')
  const known = [facts.known ? `${String(facts.known)} 条记录` : '', photos.known ? `${String(photos.known)} 张照片` : ''].filter(Boolean).join('、')
  return [
    came ? `收进来 ${came}。` : '',
    known ? `${known}站里早就有，没有重复收。` : '',
    photos.waiting ? `${String(photos.waiting)} 张照片先放着，等写着文字的${first === null ? '那个文件' : `第 ${String(first)} 个文件`}。` : '',
    photos.damaged ? `${String(photos.damaged)} 张照片和当时拍的对不上，没有收，手机上还留着。` : '',
    photos.no_room ? `${String(photos.no_room)} 张照片放不下了，请先导入写着文字的文件，再导一次这个。` : '',
  ].filter(Boolean).join('')
}

/** One sentence for each reason. */
export function quarantinedWords({ facts }: RescueReport): string[] {
  const byReason = new Map<string, string[]>()
  for (const { kind, sentence } of facts.quarantined) byReason.set(sentence, [...(byReason.get(sentence) ?? []), word(STEP, kind) || '记录'])
  return [...byReason].map(([sentence, kinds]) => `${String(kinds.length)} 条放进了隔离区（${[...new Set(kinds)].join('、')}）：${sentence}`)
}

/** Which files of an export have not been chosen yet. */
export function stillMissing(reports: readonly RescueReport[]): string[] {
  const exports = new Map<string, RescueReport[]>()
  for (const report of reports) exports.set(report.export, [...(exports.get(report.export) ?? []), report])
  return [...exports.values()].flatMap((own) => {
    const parts = own[0]?.parts ?? 0
    const lacking = Array.from({ length: parts }, (_, index) => index + 1).filter((part) => !own.some((report) => report.part === part))
    const who = own.find((report) => report.phone)?.phone?.account
    return lacking.length === 0 ? [] : [`${who ? `${who}的手机` : '这部手机'}一共 ${String(parts)} 个文件，还差第 ${lacking.join('、')} 个。`]
  })
}
