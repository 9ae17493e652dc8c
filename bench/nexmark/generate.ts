import { closeSync, openSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { wordLines } from '../word-count/lines.ts'
import { nexmarkEvents } from './generator.ts'

/**
 * Writes Nexmark's events as JSON lines, to load them into a topic or into another engine:
 *
 *   node bench/nexmark/generate.ts --out events.jsonl [--events 1000000] [--first 0] [--seed 42] [--rate 10000] [--disorder 0] [--words]
 *
 * `rate` is events per second of event time, `disorder` the most milliseconds that an event is behind its order.
 * With `words` lines of words are written instead.
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    events: { type: 'string', default: '1000000' },
    first: { type: 'string', default: '0' },
    seed: { type: 'string', default: '42' },
    rate: { type: 'string', default: '10000' },
    disorder: { type: 'string', default: '0' },
    words: { type: 'boolean', default: false },
  },
})
if (values.out === undefined) throw new Error('Say which file to write: --out events.jsonl')

const event = values.words
  ? wordLines(Number(values.seed))
  : nexmarkEvents({
      seed: Number(values.seed),
      perSecond: Number(values.rate),
      disorderMs: Number(values.disorder),
    })
const linesAtOnce = 4_096
const first = Number(values.first)
const end = first + Number(values.events)
const file = openSync(values.out, 'w')
for (let from = first; from < end; from += linesAtOnce) {
  const lines = Array.from({ length: Math.min(linesAtOnce, end - from) }, (_, index) => `${event(from + index)}\n`)
  writeSync(file, lines.join(''))
}
closeSync(file)
