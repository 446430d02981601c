// What fit.py measures on the page as it stands; each function gives sentences, none when all is well.

window.fit = (() => {
  // not hidden, and not clipped away for screen readers alone
  const seen = (each) => {
    const { width, height } = each.getBoundingClientRect()
    const shown = each.checkVisibility() && getComputedStyle(each).visibility !== 'hidden'
    return shown && width > 1 && height > 1 && !each.closest('.unseen, [inert], [aria-hidden=true]')
  }
  const called = (each) => {
    const words = each.getAttribute('aria-label') || each.textContent || each.placeholder || each.id
    return `${each.tagName.toLowerCase()}.${[...each.classList].join('.')} "${words.trim().slice(0, 24)}"`
  }
  const all = (selector) => [...document.body.querySelectorAll(selector)].filter(seen)
  const own = (each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
  const words = () => all('*').filter((each) => own(each) && !each.closest('noscript, script, style, svg'))
  const high = (each) => each.getBoundingClientRect().height

  // A radio or checkbox that is not seen is tapped by its label.
  function targets(least) {
    const tapped = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]'
    const touched = (each) => (each.matches('input') && each.closest('label')) || each
    const enabled = [...document.body.querySelectorAll(tapped)].filter((each) => !each.disabled)
    return [...new Set(enabled.map(touched))].filter(seen).flatMap((each) => {
      const { width, height } = each.getBoundingClientRect()
      const small = Math.min(width, height) < least - 0.5
      return small ? [`${called(each)}: ${Math.round(width)} x ${Math.round(height)}`] : []
    })
  }

  function elders(selector, least, size) {
    const low = all(selector).filter((each) => high(each) < least - 0.5)
    const small = words().filter((each) => parseFloat(getComputedStyle(each).fontSize) < size - 0.1)
    return [
      ...low.map((each) => `${called(each)}: lower than ${least}`),
      ...small.map((each) => `${called(each)}: ${getComputedStyle(each).fontSize}`),
    ]
  }

  function pushedSideways(each) {
    for (let box = each; box; box = box.parentElement) {
      if (['auto', 'scroll'].includes(getComputedStyle(box).overflowX)) return true
    }
    return false
  }

  function hidden(each) {
    if (!each.textContent.trim() || each.closest('svg')) return false
    const { overflowX, overflowY, webkitLineClamp } = getComputedStyle(each)
    const clips = (how) => how === 'hidden' || how === 'clip'
    // lines clamped to a number are meant: the whole text is one tap away
    const down = clips(overflowY) && webkitLineClamp === 'none' && each.scrollHeight > each.clientHeight + 1
    return down || (clips(overflowX) && each.scrollWidth > each.clientWidth + 1)
  }

  // Beyond the edge of the screen, unless it can be pushed sideways on purpose; or hidden by its own box.
  function cut() {
    const width = document.documentElement.scrollWidth
    const out = words().filter((each) => {
      const { left, right } = each.getBoundingClientRect()
      return (right > innerWidth + 1 || left < -1) && !pushedSideways(each)
    })
    return [
      ...(width > innerWidth ? [`wider than the screen: ${width}`] : []),
      ...out.map((each) => `${called(each)}: beyond the edge`),
      ...all('*').filter(hidden).map((each) => `${called(each)}: cut off`),
    ]
  }

  // What stays while the rest is pushed must leave room for the rest.
  function bars(most) {
    const staying = all('#app *').filter((each) => ['sticky', 'fixed'].includes(getComputedStyle(each).position))
    const sum = staying.reduce((before, each) => before + high(each), 0)
    return sum > most * innerHeight ? [`bars take ${Math.round(sum)} of ${innerHeight}: ${staying.map(called)}`] : []
  }

  // The one main action: where a thumb of the hand that holds the phone gets to, without a scroll.
  function reach(least) {
    const main = all('.button.main')
    if (main.length !== 1) return []
    const { top, bottom } = main[0].getBoundingClientRect()
    const there = bottom <= innerHeight + 1 && (top + bottom) / 2 >= least * innerHeight
    return there ? [] : [`${called(main[0])}: at ${Math.round(top)} to ${Math.round(bottom)} of ${innerHeight}`]
  }

  return { targets, elders, cut, bars, reach }
})()
