// Which version of the app answers on this phone: the service worker knows, it holds the files.
// Without one (first visit, development) there is nothing to name.

const WAIT_MS = 1_500

export function appVersion(): Promise<string> {
  const worker = navigator.serviceWorker?.controller
  if (!worker) return Promise.resolve('还没存到手机上')
  return new Promise((resolve) => {
    const line = new MessageChannel()
    line.port1.onmessage = (event: MessageEvent<{ version?: string }>) => resolve((event.data.version ?? '').slice(0, 8))
    setTimeout(() => resolve(''), WAIT_MS)
    worker.postMessage('which-version', [line.port2])
  })
}
