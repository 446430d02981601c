// @vitest-environment jsdom
// A role was taken away: whoever did it sees which phones have not heard of it, and until when what they decide counts.
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import type { Phone } from '../data/types'
import PhoneList from './PhoneList.vue'

const PHONE: Phone = {
  enrolment: 'e1', account: 'a1', account_name: '刘海', label: '红米', claimed_at: '2026-11-01T02:00:00.000Z', last_seen_at: '2026-11-20T02:00:00.000Z',
  n_announced: 3, n_received: 3, missing: 0, app: '0.1.0', revoked_at: null, old_roles: [], old_roles_until: null,
}

it('names the phones that still act as chief, and leaves the others in peace', () => {
  const late = { ...PHONE, enrolment: 'e2', label: '华为', old_roles: ['chief'], old_roles_until: '2026-11-28T02:00:00.000Z' }
  const page = mount(PhoneList, { props: { phones: { items: [PHONE, late], codes: [] }, trouble: '' } })
  const lines = page.findAll('li')
  expect(lines).toHaveLength(2)
  expect(lines[0]?.text()).not.toContain('还不知道')
  expect(lines[1]?.text()).toContain('这部手机还不知道本人已经不是站长')
  expect(lines[1]?.text()).toMatch(/11\D*28/)
})
