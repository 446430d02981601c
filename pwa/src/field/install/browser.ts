// Which browser this is, as far as putting the app on the home screen differs. Pure: the agent and the number of fingers come in.
// Order matters: nearly all of them call themselves Chrome and Safari as well. It must not decide what may be used (data/platform.ts).

export type Browser = 'chat' | 'safari' | 'iphone_other' | 'huawei' | 'xiaomi' | 'uc' | 'chrome' | 'android_other' | 'computer'

/** Pages inside a chat or news app: what they store goes with that app's cache. */
const CHATS = /MicroMessenger|wxwork|DingTalk|\bQQ\/|Weibo|aweme|baiduboxapp|AliApp\((?!TUnionSDK)|Lark|toutiao/i
/** Of another maker than the phone's browser or Chrome; each has a menu with 添加到桌面 somewhere. */
const OTHERS = /EdgA|SamsungBrowser|OPR\/|Firefox|MQQBrowser|HeyTapBrowser|OppoBrowser|VivoBrowser|HONORBrowser|MZBrowser|Quark|Sogou|360|2345|; wv\)/i

export function browserOf(agent: string, touchPoints: number): Browser {
  if (CHATS.test(agent)) return 'chat'
  // an iPad calls itself a Mac, but has fingers
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)) {
    return /CriOS|FxiOS|EdgiOS|OPiOS|UCBrowser|MQQBrowser|Quark/.test(agent) || !/Version\/.*Safari\//.test(agent) ? 'iphone_other' : 'safari'
  }
  if (/UCBrowser|UBrowser/i.test(agent)) return 'uc'
  if (/HuaweiBrowser|HBPC/i.test(agent)) return 'huawei'
  if (/Mi(?:ui)?Browser/i.test(agent)) return 'xiaomi'
  if (!/Android|OpenHarmony|HarmonyOS|Mobile/.test(agent)) return 'computer'
  return /Chrome\//.test(agent) && !OTHERS.test(agent) && !/Version\/4\.0/.test(agent) && !/ArkWeb/.test(agent) ? 'chrome' : 'android_other'
}
