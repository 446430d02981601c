// Who has to look again: after every commit the changed topics are called out, in this tab and in the others.
// It must not carry data: whoever hears a topic reads the database.

export type Topic = 'drafts' | 'photos' | 'facts' | 'rows' | 'identity' | 'settings'

type Listener = (topics: ReadonlySet<Topic>) => void
const listeners = new Set<Listener>()
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('grid-inspector')

function tell(topics: readonly Topic[]): void {
  const changed = new Set(topics)
  listeners.forEach((listener) => listener(changed))
}

if (channel) {
  channel.onmessage = (event: MessageEvent<Topic[]>) => tell(event.data)
  // in Node (tests) an open channel would keep the process alive
  ;(channel as { unref?: () => void }).unref?.()
}

export function changed(...topics: Topic[]): void {
  tell(topics)
  channel?.postMessage(topics)
}

/** For what this tab shows already: only the others have to look again. */
export function changedElsewhere(...topics: Topic[]): void {
  channel?.postMessage(topics)
}

export function onChanged(topics: readonly Topic[], listener: () => void): () => void {
  const own: Listener = (changedTopics) => {
    if (topics.some((topic) => changedTopics.has(topic))) listener()
  }
  listeners.add(own)
  return () => listeners.delete(own)
}
