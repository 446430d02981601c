// Which address shows which screen. Addresses carry the draft and the item, so that a page killed by the system
// comes back to the very place. 今天 is loaded with the app; every other screen arrives when it is asked for.

import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import { nothingOver } from '@/ui/over'
import { closeToast } from '@/ui/toast'
import { aMoment } from './first_screen'
import { leavePlace, placeOn } from './place'
import TodayScreen from './screens/TodayScreen.vue'

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'today', component: TodayScreen, meta: { title: '今天', list: true } },
  { path: '/enrol/:code?', name: 'enrol', component: () => import('./screens/EnrolScreen.vue'), props: true, meta: { title: '登记这部手机', open: true } },
  { path: '/sites', name: 'sites', component: () => import('./screens/SitesScreen.vue'), meta: { title: '场所', list: true } },
  { path: '/grid', name: 'grid', component: () => import('./screens/GridScreen.vue'), meta: { title: '我的网格', list: true } },
  { path: '/sites/new', name: 'new-site', component: () => import('./screens/NewSiteScreen.vue'), meta: { title: '新建场所', form: true } },
  { path: '/sites/:id', name: 'site', component: () => import('./screens/SiteScreen.vue'), props: true, meta: { title: '场所' } },
  { path: '/visits/:draftId', name: 'visit', component: () => import('./screens/VisitScreen.vue'), props: true, meta: { title: '检查', form: true } },
  { path: '/visits/:draftId/hazards/:hazardId', name: 'hazard-draft', component: () => import('./screens/HazardDraftScreen.vue'), props: true, meta: { title: '隐患', form: true } },
  { path: '/visits/:draftId/finish', name: 'finish', component: () => import('./screens/FinishScreen.vue'), props: true, meta: { title: '收尾', form: true } },
  { path: '/hazards/:id', name: 'hazard', component: () => import('./screens/HazardScreen.vue'), props: true, meta: { title: '隐患' } },
  { path: '/inspections/:id', name: 'inspection', component: () => import('./screens/InspectionScreen.vue'), props: true, meta: { title: '检查' } },
  { path: '/steps/:stepId', name: 'step', component: () => import('./screens/StepScreen.vue'), props: true, meta: { title: '补填', form: true } },
  { path: '/notices/:id', name: 'notice', component: () => import('./screens/NoticeScreen.vue'), props: true, meta: { title: '整改通知书' } },
  { path: '/hand-over', name: 'hand-over', component: () => import('./screens/HandOverScreen.vue'), meta: { title: '上交' } },
  { path: '/rescue', name: 'rescue', component: () => import('./screens/RescueScreen.vue'), meta: { title: '导出到文件' } },
  { path: '/receipts', name: 'receipts', component: () => import('./screens/ReceiptsScreen.vue'), meta: { title: '收条' } },
  { path: '/menu', name: 'menu', component: () => import('./screens/MenuScreen.vue'), meta: { title: '菜单' } },
  { path: '/phone', name: 'phone', component: () => import('./screens/PhoneScreen.vue'), meta: { title: '下村前检查' } },
  { path: '/lock', component: () => import('./screens/LockScreen.vue'), meta: { title: '锁和换人' } },
  { path: '/install', component: () => import('./screens/InstallScreen.vue'), meta: { title: '放到桌面', open: true } },
  { path: '/activities', name: 'activities', component: () => import('./screens/ActivitiesScreen.vue'), meta: { title: '活动' } },
  { path: '/feedback', name: 'feedback', component: () => import('./screens/FeedbackScreen.vue'), meta: { title: '意见反馈', form: true } },
  { path: '/:anything(.*)*', redirect: '/' },
]

export const router = createRouter({
  history: createWebHashHistory(),
  routes,
  // the item in the query moves with every tap and must not move the page
  scrollBehavior: (to, from, saved) => (to.path === from.path ? false : placeOn(to, saved)),
})

/** Their files are read and compiled before the first tap asks for them, one screen after another: a tap in between waits for one at most. */
export async function warm(...names: string[]): Promise<void> {
  for (const { name, component } of routes) {
    if (!names.includes(String(name)) || component === TodayScreen) continue
    await (component as () => Promise<unknown>)().catch(() => undefined)
    await aMoment()
  }
}

router.beforeEach(nothingOver)
router.beforeResolve((_to, from) => leavePlace(from))
router.afterEach((to, from) => {
  // what could be taken back there cannot be meant here
  if (to.path !== from.path) closeToast()
  document.title = `${String(to.meta['title'] ?? '')} · 网格安检`
})

// An old page whose files are gone after an update: start again at the same address, once.
router.onError((_error, to) => {
  const key = 'gi.reloaded'
  if (sessionStorage.getItem(key) === to.fullPath) return
  sessionStorage.setItem(key, to.fullPath)
  location.reload()
})
