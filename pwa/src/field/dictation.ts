// Words spoken instead of typed, where the browser can write them down by itself. Its maker does the listening, mostly over the network:
// it is offered, never needed. It must not know where the words go.

import { onScopeDispose, ref, type Ref } from 'vue'

interface Heard {
  results: ArrayLike<ArrayLike<{ transcript: string }>>
}
interface Recognition {
  lang: string
  onresult: ((event: Heard) => void) | null
  onerror: ((event: { error: string }) => void) | null
  onend: (() => void) | null
  start: () => void
  stop: () => void
  abort: () => void
}

export interface Dictation {
  there: boolean
  listening: Ref<boolean>
  /** why nothing was written down */
  words: Ref<string>
  /** begins to listen, or has heard enough */
  toggle: () => void
}

const LANGUAGE = 'zh-CN'
const WORDS: Readonly<Record<string, string>> = {
  'not-allowed': '没让用麦克风。在浏览器的网站设置里允许，或者打字',
  'service-not-allowed': '这部手机的浏览器不能听写，请打字',
  'audio-capture': '没有找到麦克风，请打字',
  network: '没有信号，现在听不了，请打字',
  'no-speech': '没有听到，再说一遍',
}

export function useDictation(heard: (text: string) => void): Dictation {
  const Maker = (globalThis as { SpeechRecognition?: new () => Recognition; webkitSpeechRecognition?: new () => Recognition })
  const Recogniser = Maker.SpeechRecognition ?? Maker.webkitSpeechRecognition
  const [listening, words] = [ref(false), ref('')]
  let running: Recognition | null = null

  function begin(): void {
    if (!Recogniser) return
    const recognition = new Recogniser()
    recognition.lang = LANGUAGE
    recognition.onresult = ({ results }): void => heard(Array.from(results, (each) => each[0]?.transcript ?? '').join(''))
    recognition.onerror = ({ error }): void => { words.value = error === 'aborted' ? '' : (WORDS[error] ?? '没有听清，再说一遍，或者打字') }
    recognition.onend = (): void => { listening.value = false }
    words.value = ''
    listening.value = true
    running = recognition
    try {
      recognition.start()
    } catch {
      listening.value = false // still busy with what was said before
    }
  }
  function toggle(): void {
    if (listening.value) running?.stop()
    else begin()
  }
  onScopeDispose(() => running?.abort())
  return { there: Recogniser !== undefined, listening, words, toggle }
}
