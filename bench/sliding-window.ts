/**
 * What a record costs in sliding windows, by how many of them it lies in: 5 for ten seconds every two, 3,600 for an hour
 * every second. On one thread and without any outside system, records through keyBy → sliding window with count and sum.
 * Run it with
 *
 *   node bench/sliding-window.ts [records] [keys] [rounds]
 *
 * All windows are run in turn, so that a noisy machine disturbs them alike; the best round of each counts. It prints CPU
 * time a record, and its ratio to the first line's, and fails when the totals are not exact.
 */
import { count, job, sliding, sum, tumbling } from '@lightflus/api'
import { recordsSource, runInThread, writeSink, type Records } from './thread-run.ts'

const records = Number(process.argv[2] ?? 3_000_000)
const keys = Number(process.argv[3] ?? 20)
const rounds = Number(process.argv[4] ?? 5)
/** Of event time: four hours in all, so that an hour's window is full most of the time. */
const recordsPerSecond = 200

interface Order {
  readonly user: number
  readonly amount: number
  readonly at: number
}

const orders: Records = {
  count: records,
  at: (index): Order => ({
    user: (index * 7) % keys,
    amount: index % 100,
    at: Math.floor((index * 1_000) / recordsPerSecond),
  }),
}

interface Totals {
  readonly orders: number
  readonly spent: number
}

const windows = [
  { name: '10 s', windower: tumbling('10s'), each: 1 },
  { name: '10 s / 2 s', windower: sliding('10s', { every: '2s' }), each: 5 },
  { name: '1 h / 2 s', windower: sliding('1h', { every: '2s' }), each: 1_800 },
  { name: '10 s / 1 s', windower: sliding('10s', { every: '1s' }), each: 10 },
  { name: '1 h / 1 s', windower: sliding('1h', { every: '1s' }), each: 3_600 },
]

/** @returns CPU seconds, and how many results there were. */
async function run({ name, windower, each }: (typeof windows)[number]) {
  const totals = { results: 0, orders: 0, spent: 0 }
  const definition = job('bench', (flow) => {
    flow
      .source(recordsSource<Order>({ bounded: true, eventTime: (order) => order.at }))
      .keyBy((order) => order.user)
      .window(windower)
      .aggregate({ orders: count(), spent: sum((order) => order.amount) })
      .sinkTo(writeSink<Totals>())
  })
  const { cpuSeconds } = await runInThread(definition, {
    recordsOf: () => orders,
    write(values) {
      for (const { orders, spent } of values as Totals[]) {
        totals.results++
        totals.orders += orders
        totals.spent += spent
      }
    },
  })
  let spent = 0
  for (let index = 0; index < records; index++) spent += index % 100
  // Every record lies in so many windows, also at both ends of the input.
  if (totals.orders !== records * each || totals.spent !== spent * each)
    throw new Error(`Wrong totals of ${name}: ${JSON.stringify(totals)}`)
  return { cpuSeconds, results: totals.results }
}

const best = new Map<string, { cpuSeconds: number; results: number }>()
for (let round = 0; round < rounds; round++) {
  for (const window of windows) {
    const { cpuSeconds, results } = await run(window)
    best.set(window.name, { cpuSeconds: Math.min(cpuSeconds, best.get(window.name)?.cpuSeconds ?? Infinity), results })
  }
}

console.log(`${records} records, ${recordsPerSecond / keys} a key and second, best of ${rounds} rounds`)
const [first] = best.values()
for (const [name, { cpuSeconds, results }] of best)
  console.log(
    `${name.padEnd(12)} ${((cpuSeconds / records) * 1e9).toFixed(0).padStart(5)} ns a record  × ${(cpuSeconds / first.cpuSeconds).toFixed(2)}  ${results} results`,
  )
