// `node pwa/tests/worlds/main.ts --seeds 200`: worlds of the real phone code over real HTTP. `--seed 17 --trace` replays one.
// It must not decide what is right: checks.ts does.

import { parseArgs } from 'node:util'
import { phoneCode, SOURCE } from './bundle.ts'
import { Station } from './station.ts'
import { runWorld, type Lived } from './world.ts'

const WRONGS_SHOWN_MAX = 6
const FAILURES_MAX = 10
/** a station that knows more people than fit on one page of a snapshot answers in two, and a seed would no longer be the same alone */
const WORLDS_PER_STATION = 80

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' }, from: { type: 'string', default: '0' }, seed: { type: 'string' }, trace: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false }, source: { type: 'string', default: SOURCE },
  },
})
const say = (words: string): void => void process.stdout.write(`${words}\n`)
const [from, count] = values.seed === undefined ? [Number(values.from), Number(values.seeds)] : [Number(values.seed), 1]

async function anew(before: Station): Promise<Station> {
  before.close()
  const next = new Station()
  await next.open()
  return next
}

function tell(lived: Lived): void {
  say(`\nseed ${lived.seed}: ${lived.wrongs.length} violations`)
  for (const wrong of lived.wrongs.slice(0, WRONGS_SHOWN_MAX)) say(`  ${wrong}`)
  say(`  replay: make phones SEED=${lived.seed}`)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)) // the station ends with it
let station = new Station()
let failed = 0
const sum = { worlds: 0, facts: 0, photos: 0, kills: 0, faults: 0 }
try {
  const [code] = await Promise.all([phoneCode(values.source), station.open()])
  for (let seed = from; seed < from + count && failed < (values.first ? 1 : FAILURES_MAX); seed++) {
    if (sum.worlds > 0 && sum.worlds % WORLDS_PER_STATION === 0) station = await anew(station)
    const lived = await runWorld(seed, station, code)
    sum.worlds += 1
    for (const name of ['facts', 'photos', 'kills', 'faults'] as const) sum[name] += lived[name]
    if (values.trace) lived.trace.forEach(say)
    if (lived.wrongs.length > 0) tell(lived)
    failed += lived.wrongs.length > 0 ? 1 : 0
    if (sum.worlds % 10 === 0) process.stderr.write(`\r${sum.worlds}/${count} worlds, ${sum.facts} facts, ${failed} failed`)
  }
} finally {
  station.close()
}
const cpu = process.cpuUsage()
say(`\n${sum.worlds} worlds, ${sum.facts} facts, ${sum.photos} photos, ${sum.kills} kills, ${sum.faults} faults on the line, ${failed} failed; ` +
  `${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of processor time besides the station's`)
process.exitCode = failed > 0 || sum.worlds === 0 ? 1 : 0
