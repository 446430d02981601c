// Which address shows which screen of the desk. Everything but signing in and setting a password needs a session.

import { createRouter, createWebHashHistory, type RouteLocationNormalized, type RouteRecordRaw } from 'vue-router'
import { session } from './data/client'
import { readSession } from './data/session'

const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/review' },
  { path: '/login', name: 'login', component: () => import('./station/LoginScreen.vue'), meta: { title: '登录', bare: true } },
  { path: '/password/:token', name: 'password', component: () => import('./station/PasswordScreen.vue'), props: true, meta: { title: '设密码', bare: true } },
  { path: '/review/:id?', name: 'review', component: () => import('./review/ReviewScreen.vue'), props: true, meta: { title: '审核', keep: true } },
  { path: '/hazards', name: 'ledger', component: () => import('./hazards/LedgerScreen.vue'), meta: { title: '隐患台账' } },
  { path: '/hazards/:id', name: 'hazard', component: () => import('./hazards/HazardScreen.vue'), props: true, meta: { title: '隐患' } },
  { path: '/matters', name: 'matters', component: () => import('./matters/MattersScreen.vue'), meta: { title: '要定的事' } },
  { path: '/documents/:id', name: 'document', component: () => import('./documents/DocumentScreen.vue'), props: true, meta: { title: '整改通知书' } },
  { path: '/sites', name: 'sites', component: () => import('./sites/SitesScreen.vue'), meta: { title: '场所' } },
  { path: '/sites/:id', name: 'site', component: () => import('./sites/SiteScreen.vue'), props: true, meta: { title: '场所' } },
  { path: '/areas', name: 'areas', component: () => import('./station/AreasScreen.vue'), meta: { title: '区域和网格' } },
  { path: '/people', name: 'people', component: () => import('./people/PeopleScreen.vue'), meta: { title: '人员和手机' } },
  { path: '/imports', name: 'imports', component: () => import('./station/ImportScreen.vue'), meta: { title: '导入' } },
  { path: '/rescue', name: 'rescue', component: () => import('./station/RescueScreen.vue'), meta: { title: '手机文件' } },
  { path: '/exports', name: 'exports', component: () => import('./exports/ExportScreen.vue'), meta: { title: '导出' } },
  { path: '/checklists', name: 'checklists', component: () => import('./station/ChecklistsScreen.vue'), meta: { title: '检查表' } },
  { path: '/checklists/:id/:version', name: 'checklist', component: () => import('./station/ChecklistScreen.vue'), props: true, meta: { title: '检查表' } },
  { path: '/campaigns', name: 'campaigns', component: () => import('./station/CampaignsScreen.vue'), meta: { title: '专项' } },
  { path: '/settings', name: 'settings', component: () => import('./settings/SettingsScreen.vue'), meta: { title: '通知书和照片' } },
  { path: '/activities', name: 'activities', component: () => import('./activities/ActivitiesScreen.vue'), meta: { title: '活动' } },
  { path: '/feedback', name: 'feedback', component: () => import('./station/FeedbackScreen.vue'), meta: { title: '意见反馈' } },
  { path: '/quarantine', name: 'quarantine', component: () => import('./station/QuarantineScreen.vue'), meta: { title: '隔离区' } },
  { path: '/findings', name: 'findings', component: () => import('./station/FindingsScreen.vue'), meta: { title: '核对提醒' } },
  { path: '/restores', name: 'restores', component: () => import('./station/RestoresScreen.vue'), meta: { title: '恢复记录' } },
  { path: '/more', name: 'more', component: () => import('./station/MoreScreen.vue'), meta: { title: '更多' } },
  { path: '/password-change', name: 'password-change', component: () => import('./station/PasswordHelp.vue'), meta: { title: '怎么改密码' } },
  { path: '/:anything(.*)*', redirect: '/review' },
]

export const router = createRouter({
  history: createWebHashHistory('/desk/'),
  routes,
  scrollBehavior: (to, from, saved) => (to.path === from.path ? false : (saved ?? { top: 0 })),
})

router.beforeEach(async (to: RouteLocationNormalized) => {
  if (to.meta['bare'] === true || session.value) return true
  const result = await readSession()
  if (result.is === 'done') return true
  return { path: '/login', query: { then: to.fullPath, ...(result.is === 'refused' ? {} : { offline: '1' }) } }
})

router.afterEach((to) => {
  document.title = `${String(to.meta['title'] ?? '')} · 网格安检`
})

// An old page whose files are gone after an update: start again at the same address, once.
router.onError((_error, to) => {
  const key = 'gi.desk.reloaded'
  if (sessionStorage.getItem(key) === to.fullPath) return
  sessionStorage.setItem(key, to.fullPath)
  location.reload()
})
