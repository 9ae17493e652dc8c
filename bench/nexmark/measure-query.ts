import type { JobDefinition } from 'lightflus'
import { runInThread, type Records } from '../thread-run.ts'
import { packedEvents } from './packed-events.ts'
import { configure } from './settings.ts'
import { sides } from './side-input.ts'

/**
 * Runs one query in this thread, over events that are in memory as bytes of JSON, and prints what it took as a line of JSON:
 *
 *   node bench/nexmark/measure-query.ts QUERY EVENTS stream|batch
 *
 * Measured are decoding, the query with its exchanges at parallelism 1, and the JSON of its rows, which is counted; not the
 * making of the events, no broker and no file.
 */
const [name, events, mode] = process.argv.slice(2)
// What the source says of itself; the events here end either way.
configure({
  source: { kind: 'kafka', topic: 'events', bounded: mode === 'batch' },
  sink: { kind: 'kafka', topic: 'results' },
})
const count = Number(events)
const packed: Records = { count, at: () => undefined, packed: packedEvents(count) }
const listed = (all: readonly unknown[]): Records => ({ count: all.length, at: (index) => all[index] })

const { default: query } = (await import(`./queries/${name}.ts`)) as { default: JobDefinition }
let rows = 0
const cost = await runInThread(query, {
  recordsOf: (source) => (source === 'events' ? packed : listed(sides)),
  write(values) {
    rows += values.length
  },
  writeTexts({ length }) {
    rows += length
  },
})
console.log(JSON.stringify({ ...cost, rows, peakMegabytes: process.resourceUsage().maxRSS / 1_024 }))
