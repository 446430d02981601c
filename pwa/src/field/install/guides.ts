// The steps to the home screen, for each browser. Words are those on the buttons; the drawings show where to look.
// Not one of them was tried on every make of phone: where names differ between versions, both are told.

import type { Browser } from './browser'

export type Drawing = 'dots_above' | 'dots_below' | 'lines_below' | 'share' | 'add' | 'icon' | 'browser' | 'copy' | 'allow'
export interface Step {
  drawing: Drawing
  words: string
}
export interface Guide {
  /** whose steps these are */
  title: string
  steps: Step[]
  /** it has to be opened elsewhere: the link is offered for copying */
  elsewhere: boolean
}

const FROM_ICON: Step = { drawing: 'icon', words: '回到桌面，从“网格安检”的图标进来' }
const OWN_BROWSER: Step[] = [
  { drawing: 'copy', words: '点下面的“复制链接”' },
  { drawing: 'browser', words: '打开手机自带的浏览器，把链接贴进去' },
]

export const GUIDES: Record<Browser, Guide> = {
  chat: {
    title: '在聊天软件里', elsewhere: true,
    steps: [
      { drawing: 'dots_above', words: '点右上角的三个点' },
      { drawing: 'browser', words: '选“在浏览器打开”' },
      { drawing: 'copy', words: '没有这一项，就复制下面的链接，到手机浏览器里打开' },
    ],
  },
  safari: {
    title: '苹果手机', elsewhere: false,
    steps: [
      { drawing: 'share', words: '点浏览器下方的“分享”' },
      { drawing: 'add', words: '往下翻，选“添加到主屏幕”，再点“添加”' },
      FROM_ICON,
    ],
  },
  iphone_other: {
    title: '苹果手机', elsewhere: true,
    steps: [{ drawing: 'copy', words: '点下面的“复制链接”' }, { drawing: 'browser', words: '打开苹果自带的浏览器（蓝色指南针），把链接贴进去' }],
  },
  huawei: {
    title: '华为浏览器', elsewhere: false,
    steps: [{ drawing: 'dots_below', words: '点下方的四个点（菜单）' }, { drawing: 'add', words: '选“添加至”，再选“桌面”；有的直接是“添加到桌面”' }, FROM_ICON],
  },
  xiaomi: {
    title: '小米浏览器', elsewhere: false,
    steps: [
      { drawing: 'lines_below', words: '点下方的三条横线（菜单）' },
      { drawing: 'add', words: '选“添加到桌面”；没有就到“工具箱”或“添加书签”里找' },
      { drawing: 'allow', words: '问要不要允许“桌面快捷方式”，选允许' },
      FROM_ICON,
    ],
  },
  uc: { title: 'UC 浏览器', elsewhere: true, steps: [...OWN_BROWSER, { drawing: 'add', words: 'UC 清理时会一起清掉，用手机自带的更稳' }] },
  chrome: {
    title: '谷歌浏览器', elsewhere: false,
    steps: [{ drawing: 'dots_above', words: '点右上角的三个点' }, { drawing: 'add', words: '选“添加到主屏幕”或“安装应用”' }, FROM_ICON],
  },
  android_other: {
    title: '这个浏览器', elsewhere: false,
    steps: [{ drawing: 'lines_below', words: '点浏览器的菜单，多半在下方' }, { drawing: 'add', words: '找“添加到桌面”或“添加到主屏幕”' }, FROM_ICON],
  },
  computer: { title: '电脑', elsewhere: true, steps: [{ drawing: 'copy', words: '这里是给手机用的：把链接发到手机上，用手机浏览器打开' }] },
}
