import { closeSync, openSync, writeSync } from 'node:fs'
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { median } from '../measure.ts'
import { nexmarkEvents } from '../nexmark/generator.ts'
import { Evaluation } from '../nexmark/testing/evaluation.ts'
import { statements } from '../nexmark/testing/statements.ts'
import { wordLines } from '../word-count/lines.ts'
import { treeUsage } from './process-usage.ts'
import { RowDigest } from './row-digest.ts'
import { deliveryOf, startQuery } from './start-query.ts'
import { clientOf, createTopic, eachValue, load, sizeOf, withAdmin } from './topics.ts'

const usage = `npm run bench -- kafka [q0 q5 wc …] --bootstrap HOST:PORT

Queries of Nexmark from a topic to a topic of a broker. Default: q0 q1 q2 q5 q7 q8 q12e.

  --bootstrap HOST:PORT    the broker; required
  --events N               of each run; default 2000000
  --warm N                 also runs of so many events, for what an event costs once all is warm
  --topic T, --lines T     what is read; default nexmark-N and, for wc, lines-N, which are loaded where they are not there
  --runs N                 of each query, of which the median is told; default 3
  --slots N                default 1
  --delivery D             exactly-once (default) or at-least-once
  --no-verify              does not compare the rows of first runs with those of DuckDB
  --results FILE           appends what was measured, a line of JSON for each query`

/**
 * `npm run bench -- kafka [q0 q5] --bootstrap HOST:PORT [--events 2000000] [--warm 6000000] [--runs 3] [--slots 1] [--topic T]
 * [--delivery at-least-once] [--no-verify]`:
 * queries from a topic to a topic of a real broker, each a process of `lightflus run` with a checkpoint every ten seconds, exactly once
 * unless it is told otherwise.
 * What counts is the CPU of the whole process from its start to its end, bundling and warming up included. The topic
 * (`nexmark-EVENTS`, or that of `--topic`; for word count, `wc`, `lines-EVENTS` or `--lines`) is loaded where it is not there; other engines may be measured on it. The rows of each query's first run are compared with those of DuckDB.
 *
 * `--warm` names the events of a longer run that follows each run, from a topic `nexmark-WARM` (or `lines-WARM`): what both
 * differ in, by the events between them, is what an event costs a process that has already done EVENTS of them. Start,
 * compiling and warming up are in both, and cancel. So the figure compares with the second run of as many events in a
 * cluster that stays up, which is how other engines are measured warm.
 */
const { values, positionals } = parseArgs({
  options: {
    bootstrap: { type: 'string' },
    events: { type: 'string', default: '2000000' },
    warm: { type: 'string' },
    topic: { type: 'string' },
    lines: { type: 'string' },
    runs: { type: 'string', default: '3' },
    slots: { type: 'string', default: '1' },
    delivery: { type: 'string', default: 'exactly-once' },
    verify: { type: 'boolean', default: true },
    results: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
  allowNegative: true,
})
if (values.help) {
  console.log(usage)
  process.exit()
}
if (values.bootstrap === undefined) throw new Error('Say where a broker is: --bootstrap localhost:9092')
const { bootstrap } = values
const events = Number(values.events)
const queries = positionals.length > 0 ? positionals : ['q0', 'q1', 'q2', 'q5', 'q7', 'q8', 'q12e']
const kafka = clientOf(bootstrap)
const warm = values.warm === undefined ? undefined : Number(values.warm)
if (warm !== undefined && !(warm > events)) throw new Error('--warm takes more events than --events')
const inputOf = (query: string, count: number): string => {
  const named = query === 'wc' ? values.lines : values.topic
  return (count === events ? named : undefined) ?? `${query === 'wc' ? 'lines' : 'nexmark'}-${count}`
}
const delivery = deliveryOf(values.delivery)
const sampleMs = 50

interface Run {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
  /** Of the output: rows, and the marks of transactions. */
  readonly offsets: number
}

async function runQuery(query: string, count: number, output: string): Promise<Run> {
  const startedAt = performance.now()
  const place = {
    bootstrap,
    input: inputOf(query, count),
    output,
    bounded: true,
    slots: values.slots,
    checkpointInterval: '10s',
    delivery,
  }
  const { child, ended, printed } = await startQuery({ query, ...place })
  let peakMegabytes = 0
  let cpuSeconds = 0
  const sampling = setInterval(() => {
    const usage = treeUsage(child.pid!)
    peakMegabytes = Math.max(peakMegabytes, usage?.residentMegabytes ?? 0)
    cpuSeconds = Math.max(cpuSeconds, usage?.cpuSeconds ?? 0)
  }, sampleMs)
  const code = await ended
  clearInterval(sampling)
  const wallSeconds = (performance.now() - startedAt) / 1_000
  if (code !== 0) throw new Error(`${query} ended with ${code}: ${printed()}`)
  return { wallSeconds, cpuSeconds, peakMegabytes, offsets: (await sizeOf(kafka, output))! }
}

let evaluation: Promise<Evaluation> | undefined

async function evaluate(): Promise<Evaluation> {
  const folder = await mkdtemp(join(tmpdir(), 'lightflus-bench-'))
  const path = join(folder, 'events.jsonl')
  const event = nexmarkEvents()
  const file = openSync(path, 'w')
  for (let from = 0; from < events; from += 4_096)
    writeSync(
      file,
      Array.from({ length: Math.min(4_096, events - from) }, (_, index) => `${event(from + index)}\n`).join(''),
    )
  closeSync(file)
  try {
    return await Evaluation.ofFile(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function check(query: string, output: string): Promise<void> {
  const expected = new RowDigest()
  if (query === 'wc') for (const row of wordCounts()) expected.add(row)
  else if (query === 'q12') return
  else await (await (evaluation ??= evaluate())).eachRow(statements[query]!, (row) => expected.add(row))
  const given = new RowDigest()
  await eachValue(kafka, output, (value) => given.add(JSON.parse(value.toString()) as Record<string, unknown>))
  if (`${given}` !== `${expected}`) throw new Error(`${query} gave ${given}, and should have given ${expected}`)
}

function wordCounts(): { word: string; num: number }[] {
  const counts = new Map<string, number>()
  const line = wordLines()
  for (let n = 0; n < events; n++) for (const word of line(n).split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, num]) => ({ word, num }))
}

/** A run into a topic of its own, which is cleared once `look` has seen it. */
async function runInto(query: string, count: number, look?: (output: string) => Promise<void>): Promise<Run> {
  const output = `${query}-${Date.now()}`
  await createTopic(kafka, output)
  const run = await runQuery(query, count, output)
  await look?.(output)
  await withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [output] }))
  return run
}

const perMillion = (cpuSeconds: number, count: number): number => (cpuSeconds / count) * 1e6
const listed = (figures: readonly number[]): string => figures.map((figure) => figure.toFixed(2)).join(', ')

for (const query of queries)
  for (const count of warm === undefined ? [events] : [events, warm])
    await load(kafka, inputOf(query, count), count, query === 'wc' ? wordLines() : nexmarkEvents())
console.log(
  `Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]!.model}), ${events} events, ${values.slots} slots, ${delivery}, medians of ${values.runs} runs.`,
)
console.log(
  warm === undefined
    ? 'Whole: from the start of the process to its end.\n'
    : `Whole: from the start of the process to its end. Warm: what ${warm} events take beyond ${events}, by the event.\n`,
)
const columns = [
  'query',
  'whole: CPU s/M',
  'all runs',
  'warm: CPU s/M',
  'all pairs',
  'k events/s',
  'peak MB',
  'offsets',
]
console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => ' --- |').join('')}`)
for (const query of queries) {
  const runs: Run[] = []
  const slopes: number[] = []
  for (let number = 0; number < Number(values.runs); number++) {
    const isChecked = number === 0 && values.verify
    const run = await runInto(query, events, isChecked ? (output) => check(query, output) : undefined)
    runs.push(run)
    if (warm === undefined) continue
    const longer = await runInto(query, warm)
    slopes.push(perMillion(longer.cpuSeconds - run.cpuSeconds, warm - events))
  }
  const of = (figure: (run: Run) => number): number => median(runs.map(figure))
  const wholes = runs.map(({ cpuSeconds }) => perMillion(cpuSeconds, events))
  const row = [
    query,
    median(wholes).toFixed(2),
    listed(wholes),
    slopes.length > 0 ? median(slopes).toFixed(2) : '–',
    slopes.length > 0 ? listed(slopes) : '–',
    of(({ wallSeconds }) => events / wallSeconds / 1_000).toFixed(0),
    of(({ peakMegabytes }) => peakMegabytes).toFixed(0),
    runs[0]!.offsets,
  ]
  console.log(`| ${row.join(' | ')} |`)
  if (values.results !== undefined)
    await appendFile(values.results, `${JSON.stringify({ query, events, warm, runs, slopes })}\n`)
}
if (evaluation) (await evaluation).close()
