// In every page of bench/full_phone.py before the app's own code: when something on the screen changed, and when what was
// asked for stood there. A time is that of the frame after the change; a touch's own is the browser's stamp on the event.
(() => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel(); port2.onmessage = () => done(performance.now()); port1.postMessage(0) }))
  const changes = { subtree: true, childList: true, characterData: true, attributes: true }
  const until = (what) => new Promise((done) => {
    if (what()) return done()
    const observer = new MutationObserver(() => { if (what()) { observer.disconnect(); done() } })
    observer.observe(document, changes)
  })
  const watch = (window.watch = { start: {}, told: null })

  // the touch of the cold start is the page's own, in the first frame that shows a row
  until(() => document.querySelector('main:not(.held) a.site-card')).then(async () => {
    watch.start.listed = await drawn()
    const row = document.querySelector('main:not(.held) a.site-card')
    const name = row.querySelector('b').textContent
    if (watch.start.tap === false) return
    row.click()
    await until(() => !row.isConnected)
    watch.start.answered = await drawn()
    await until(() => document.querySelector('.bar h1')?.textContent === name && document.querySelector('main:not(.held) .file'))
    watch.start.stands = await drawn()
  })

  const middle = ({ left, top, width, height }) => [left + width / 2, top + height / 2]
  watch.place = (where) => { const found = typeof where === 'string' ? document.querySelector(where) : where(); watch.found = found; found.scrollIntoView({ block: 'center' }); return middle(found.getBoundingClientRect()) }
  watch.named = (where, text) => [...document.querySelectorAll(where)].find((each) => each.textContent.trim().startsWith(text))
  // `touch`: what the browser says of the touch or key that is waited for
  watch.next = (touch, stands) => {
    watch.told = null
    addEventListener(touch, (event) => {
      const begun = event.timeStamp
      const first = new Promise((done) => { const observer = new MutationObserver(() => { observer.disconnect(); done() }); observer.observe(document.querySelector('#app'), changes) })
      void Promise.all([first.then(drawn), until(stands).then(drawn)]).then(([answered, stood]) => { watch.told = { answered: answered - begun, stands: stood - begun } })
    }, { capture: true, once: true })
  }
})()
