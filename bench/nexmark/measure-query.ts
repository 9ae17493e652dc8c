import type { JobDefinition } from 'lightflus'
import { runInThread, type Records } from '../thread-run.ts'
import { nexmarkEvents } from './generator.ts'
import { configure } from './settings.ts'
import { sides } from './side-input.ts'

/**
 * Runs one query in this thread, over events that are in memory as JSON text, and prints what it took as a line of JSON:
 *
 *   node bench/nexmark/measure-query.ts QUERY EVENTS stream|batch
 *
 * Measured are decoding, the query with its exchanges at parallelism 1, and a sink that only counts; not the making of
 * the events, no broker and no file.
 */
const [name, events, mode] = process.argv.slice(2)
// What the source says of itself; the events here end either way.
configure({ source: { kind: 'generator', events: mode === 'batch' ? Number(events) : null, seed: 42 } })

const event = nexmarkEvents()
// Flat, as what comes from outside is: a text that was put together is flattened by whoever reads it first.
const lines = Array.from({ length: Number(events) }, (_, n) => Buffer.from(event(n)).toString('latin1'))
const listed = (all: readonly unknown[]): Records => ({ count: all.length, at: (index) => all[index] })

const { default: query } = (await import(`./queries/${name}.ts`)) as { default: JobDefinition }
let rows = 0
const cost = await runInThread(query, {
  recordsOf: (source) => listed(source === 'events' ? lines : sides),
  write(values) {
    rows += values.length
  },
})
console.log(JSON.stringify({ ...cost, rows, peakMegabytes: process.resourceUsage().maxRSS / 1_024 }))
