// A decision survives a bad network and a double click without being made twice.

import { describe, expect, it } from 'vitest'
import { hazard } from '../rows.fixture'
import { confirmAndClose, confirmGeneral } from '../deciding_facts'
import type { Problem, Result } from './client'
import { useDeciding } from './deciding'
import type { DeskFact } from './decisions'

type Answer = Result<{ rows: Record<string, unknown>[] }>

function station(...answers: Answer[]): { sent: DeskFact[][]; send: (facts: DeskFact[]) => Promise<Answer> } {
  const sent: DeskFact[][] = []
  return { sent, send: (facts) => { sent.push(facts); return Promise.resolve(answers[sent.length - 1] ?? { is: 'done', value: { rows: [] } }) } }
}

describe('deciding', () => {
  it('liuhai presses again after the network broke: the same facts go out', async () => {
    const { sent, send } = station({ is: 'offline' }, { is: 'done', value: { rows: [{ id: 'h1' }] } })
    const { run } = useDeciding(send)
    const row = hazard('h1', { work: 'spot_fixed' })
    expect(await run('close', () => confirmAndClose(row, ''))).toMatchObject({ ok: false, code: 'offline' })
    expect(await run('close', () => confirmAndClose(row, ''))).toMatchObject({ ok: true, words: '' })
    expect(sent[1]).toEqual(sent[0])
  })

  it('two clicks at once send one decision', async () => {
    const { sent, send } = station()
    const { run } = useDeciding(send)
    const both = await Promise.all([run('general', () => confirmGeneral(hazard('h1'))), run('general', () => confirmGeneral(hazard('h1')))])
    expect(sent).toHaveLength(1)
    expect(both.map((each) => each.code)).toEqual(['', 'busy'])
  })

  it('a page that shows something newer makes a new decision, not the old one again', async () => {
    const { sent, send } = station({ is: 'offline' })
    const { run } = useDeciding(send)
    await run('general', () => confirmGeneral(hazard('h1')))
    await run('general', () => confirmGeneral(hazard('h1', { heads: ['newer'] })))
    expect(sent[1]![0]!.id).not.toBe(sent[0]![0]!.id)
  })

  it('an impossible step is told in the words of the station', async () => {
    const problem: Problem = { code: 'impossible-step', title: '', detail: '还没有复查合格，不能销号。', status: 409, retry: false }
    const { run } = useDeciding(station({ is: 'refused', problem }).send)
    expect(await run('x', () => confirmGeneral(hazard('h1')))).toMatchObject({ ok: false, words: '还没有复查合格，不能销号。', code: 'impossible-step' })
  })

  it('a decision from a stale page is kept and said to be in dispute', async () => {
    const { run } = useDeciding(station({ is: 'done', value: { rows: [{ id: 'h1', conflicts: [{ type: 'outcome' }] }] } }).send)
    const told = await run('x', () => confirmGeneral(hazard('h1')))
    expect(told.ok).toBe(true)
    expect(told.words).toContain('两种说法都留着')
  })
})
