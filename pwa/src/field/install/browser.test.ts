// User agents as phones send them, and the steps each gets.

import { expect, test } from 'vitest'
import { browserOf, type Browser } from './browser'
import { GUIDES } from './guides'

const AGENTS: [string, Browser, string, number?][] = [
  ['WeChat, Android', 'chat', 'Mozilla/5.0 (Linux; Android 12; V2166A Build/SP1A.210812.003; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F30) WeChat/arm64 Weixin NetType/4G Language/zh_CN ABI/arm64'],
  ['WeChat, iPhone', 'chat', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49(0x18003130) NetType/WIFI Language/zh_CN', 5],
  ['WeChat, HarmonyOS', 'chat', 'Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile MicroMessenger/8.0.7.52(0xf3800734) Weixin NetType/WIFI'],
  ['WeCom', 'chat', 'Mozilla/5.0 (Linux; Android 10; MI 8 Build/QKQ1.190828.002; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/86.0.4240.99 Mobile Safari/537.36 wxwork/4.0.10 MicroMessenger/7.0.1 NetType/WIFI Language/zh'],
  ['DingTalk', 'chat', 'Mozilla/5.0 (Linux; U; Android 11; zh-CN; M2012K11AC Build/RKQ1.200826.002) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/69.0.3497.100 UWS/3.22.2.50 Mobile Safari/537.36 AliApp(DingTalk/6.5.10) com.alibaba.android.rimet'],
  ['QQ, the chat', 'chat', 'Mozilla/5.0 (Linux; Android 10; HMA-AL00; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/89.0.4389.72 MQQBrowser/6.2 TBS/046011 Mobile Safari/537.36 V1_AND_SQ_8.8.50_2324_YYB_D QQ/8.8.50.6735 NetType/WIFI'],
  ['Safari, iPhone', 'safari', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_2_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1', 5],
  ['Safari, iPad that calls itself a Mac', 'safari', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15', 5],
  ['Chrome, iPad', 'iphone_other', 'Mozilla/5.0 (iPad; CPU OS 15_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/103.0.5060.63 Mobile/15E148 Safari/604.1', 5],
  ['UC, iPhone', 'iphone_other', 'Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X; zh-CN) AppleWebKit/537.51.1 (KHTML, like Gecko) Mobile/20F66 UCBrowser/15.5.1.1824 Mobile AliApp(TUnionSDK/0.1.20.4)', 5],
  ['Huawei', 'huawei', 'Mozilla/5.0 (Linux; Android 9; PCT-AL10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.64 HuaweiBrowser/10.0.3.311 Mobile Safari/537.36'],
  ['Huawei, HarmonyOS 4', 'huawei', 'Mozilla/5.0 (Linux; Android 12; HarmonyOS; ALN-AL10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.4844.88 HuaweiBrowser/13.0.5.303 Mobile Safari/537.36'],
  ['Huawei, HarmonyOS NEXT', 'huawei', 'Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300'],
  ['Xiaomi', 'xiaomi', 'Mozilla/5.0 (Linux; U; Android 14; zh-cn; 22122RK93C Build/UP1A.231005.007) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/109.0.5414.118 Mobile Safari/537.36 XiaoMi/MiuiBrowser/17.8.220115 swan-mibrowser'],
  ['Xiaomi, older', 'xiaomi', 'Mozilla/5.0 (Linux; U; Android 7.1.2; zh-cn; Redmi 5 Plus Build/N2G47H) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/61.0.3163.128 Mobile Safari/537.36 XiaoMi/MiuiBrowser/9.6.1'],
  ['UC', 'uc', 'Mozilla/5.0 (Linux; U; Android 12; zh-CN; M2012K11AC Build/SKQ1.220303.001) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/16.2.2.1275 Mobile Safari/537.36'],
  ['Chrome', 'chrome', 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36'],
  ['Samsung', 'android_other', 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36'],
  ['Edge', 'android_other', 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36 EdgA/124.0.0.0'],
  ['OPPO', 'android_other', 'Mozilla/5.0 (Linux; U; Android 11; zh-cn; PEGM00 Build/RKQ1.200903.002) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/77.0.3865.120 Mobile Safari/537.36 HeyTapBrowser/40.7.26.4'],
  ['vivo', 'android_other', 'Mozilla/5.0 (Linux; Android 11; V2048A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/87.0.4280.141 Mobile Safari/537.36 VivoBrowser/10.3.20.1'],
  ['QQ, the browser', 'android_other', 'Mozilla/5.0 (Linux; U; Android 10; zh-cn; HMA-AL00) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/89.0.4389.116 MQQBrowser/12.9 Mobile Safari/537.36 COVC/046011'],
  ['Firefox', 'android_other', 'Mozilla/5.0 (Android 13; Mobile; rv:125.0) Gecko/125.0 Firefox/125.0'],
  ['Chrome, a computer', 'computer', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'],
  ['Safari, a Mac', 'computer', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15', 0],
]

test.each(AGENTS)('%s', (_, browser, agent, fingers = 1) => {
  expect(browserOf(agent, fingers)).toBe(browser)
})

test('every browser is in the table and has its steps; whoever has to go elsewhere is offered the link', () => {
  expect(Object.keys(GUIDES).filter((browser) => !AGENTS.some((each) => each[1] === browser))).toEqual([])
  for (const guide of Object.values(GUIDES)) {
    expect(guide.steps.length).toBeGreaterThan(0)
    const leads = guide.steps.some(({ words }) => words.includes('图标进来'))
    expect(leads).toBe(!guide.elsewhere)
    expect(guide.steps.some(({ drawing }) => drawing === 'copy')).toBe(guide.elsewhere)
  }
})
