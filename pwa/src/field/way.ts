// A link of a list: the router's own component follows every change of address, and a screenful of them costs a slow phone a tenth of
// its start and of every tap. It must not know what is linked.

import { useRouter } from 'vue-router'

/** On a plain click the router goes there, in place of this screen with `replace`; whatever else a browser does with links (a new tab, a copy) stays the browser's. */
export function useWay(how: 'push' | 'replace' = 'push'): (event: MouseEvent, to: string) => void {
  const router = useRouter()
  return (event, to) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    void router[how](to)
  }
}
