// One page through Lighthouse's mobile preset, some times in a row, in a Chromium that is already open: bench/audit.py starts it
// and judges. One line of JSON for each run; nothing is sent anywhere. It must not know the app.
//
// node run.js PORT ADDRESS simulate|devtools fresh|kept TIMES

import lighthouse from 'lighthouse'

const [port, address, method, files, times] = process.argv.slice(2)
const TRIES_MAX = 3
const KINDS = ['performance', 'accessibility', 'best-practices']
const TIMES_OF = { fcp: 'first-contentful-paint', lcp: 'largest-contentful-paint', tbt: 'total-blocking-time', si: 'speed-index', cls: 'cumulative-layout-shift' }

/** Audits that count and are not whole, with what they point at. */
function faults(lhr, kind) {
  return lhr.categories[kind].auditRefs
    .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
    .map(({ id }) => {
      const { title, details } = lhr.audits[id]
      const where = (details?.items ?? []).slice(0, 5).map((item) => item.node?.snippet ?? item.description ?? item.url ?? '')
      return [id, title, ...where].filter(Boolean).join(' | ')
    })
}

/** Now and then a trace misses its beginning, and Lighthouse says itself: run it again. */
async function measured() {
  for (let tries = 1; ; tries += 1) {
    const { lhr } = await lighthouse(address, {
      port: Number(port),
      logLevel: 'error',
      throttlingMethod: method,
      onlyCategories: KINDS,
      // fresh: the app's files come over the line, what the phone recorded stays (Lighthouse never clears IndexedDB);
      // kept: as on any morning, the app's files are on the phone
      disableStorageReset: files === 'kept',
    })
    if (!lhr.runtimeError) return lhr
    if (tries === TRIES_MAX) throw new Error(lhr.runtimeError.message)
  }
}

for (let run = 0; run < Number(times); run += 1) {
  const lhr = await measured()
  const scores = Object.fromEntries(KINDS.map((kind) => [kind, Math.round(100 * lhr.categories[kind].score)]))
  const took = Object.fromEntries(Object.entries(TIMES_OF).map(([name, id]) => [name, lhr.audits[id].numericValue]))
  const wrong = [...faults(lhr, 'accessibility'), ...faults(lhr, 'best-practices')]
  console.log(JSON.stringify({ scores, took, wrong, shown: lhr.finalDisplayedUrl, version: lhr.lighthouseVersion, machine: lhr.environment.benchmarkIndex }))
}
