// Who goes along is chosen once a day: it does not outlive the day, nor the person whose phone it is.

import { beforeEach, expect, test } from 'vitest'
import { effectScope } from 'vue'
import { ANA, enrolledPhone, wireRow } from '../../tests/phone'
import { withUser } from '../db/access'
import { chooseCompanions, companionsOn, useColleagues } from './companions'
import { applyRows } from './applied_rows'

const TODAY = '2026-11-22'

beforeEach(async () => {
  await enrolledPhone()
  const rows = [
    wireRow('account', ANA, { login: 'ana', name: '安娜', active: true, roles: ['inspector'] }),
    wireRow('account', 'ben', { login: 'ben', name: '李军', active: true, roles: ['inspector'] }),
    wireRow('account', 'cho', { login: 'cho', name: '刘海', active: true, roles: ['chief'] }),
    wireRow('account', 'dan', { login: 'dan', name: '何敏', active: true, roles: ['admin'] }),
    wireRow('account', 'eve', { login: 'eve', name: '赵强', active: false, roles: ['inspector'] }),
  ]
  await applyRows({ store: 'A', rows, gone: [], facts: [], marks: {} })
})

test('those who go out and still work here are offered, oneself is not', async () => {
  const colleagues = effectScope().run(useColleagues)!
  await colleagues.reload()
  expect(colleagues.value.value?.map((each) => each.id)).toEqual(['ben', 'cho'])
})

test('chosen in the morning, there in the afternoon, gone the next day', async () => {
  await chooseCompanions(TODAY, ['ben'])
  expect(await companionsOn(TODAY)).toEqual(['ben'])
  expect(await companionsOn('2026-11-23')).toEqual([])
})

test('the next person on this phone does not inherit them', async () => {
  await chooseCompanions(TODAY, ['ben'])
  await withUser((db) => db.identity.update('me', { account: 'cho' }))
  expect(await companionsOn(TODAY)).toEqual([])
})
