// What was drawn in one place and then in another, with something to tap in it: into window.moved, in words.
(() => {
  const LEAST_PX = 8 // a thumb does not miss by less
  const CONTROLS = 'a, button, input, select, textarea, label, summary'
  const unseen = ({ width, height }) => width === 0 && height === 0
  const moved = (window.moved = [])

  function note({ node, previousRect: from, currentRect: to }) {
    if (!node?.isConnected || unseen(from)) return
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement
    if (!element.closest(CONTROLS) && !element.querySelector(CONTROLS)) return
    const by = [to.x - from.x, to.y - from.y]
    if (!unseen(to) && Math.max(...by.map(Math.abs)) < LEAST_PX) return
    const where = unseen(to) ? 'off the screen' : `by ${by.map(Math.round)}`
    moved.push(`moved under the thumb ${where}: ${element.tagName} ${element.className} ${element.textContent.trim().slice(0, 40)}`)
  }
  new PerformanceObserver((list) => list.getEntries().forEach(({ sources }) => sources.forEach(note))).observe({ type: 'layout-shift', buffered: true })
})()
