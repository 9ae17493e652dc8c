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
import { setImmediate as immediate } from 'node:timers/promises'
import { count, job, sliding, sum, tumbling, type SinkDeclaration, type SourceDeclaration } from '@lightflus/api'
import { createSubtask, planJob, type Connector, type SinkWriter, type SourceReader } from '@lightflus/engine'

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

class OrdersReader implements SourceReader {
  readonly bounded = true
  #next = 0

  open(): Promise<void> {
    return Promise.resolve()
  }

  poll(recordsMax: number) {
    const size = Math.min(recordsMax, records - this.#next)
    if (size === 0) return undefined
    const payloads: Order[] = []
    const positions: number[] = []
    for (let index = this.#next; index < this.#next + size; index++) {
      payloads.push({
        user: (index * 7) % keys,
        amount: index % 100,
        at: Math.floor((index * 1_000) / recordsPerSecond),
      })
      positions.push(index)
    }
    this.#next += size
    return { partition: 'orders/0', payloads, positions, bytes: 0 }
  }

  partitions() {
    return [{ name: 'orders/0', ended: this.#next === records, caughtUp: false }]
  }

  positions() {
    return { 'orders/0': this.#next }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

interface Totals {
  readonly orders: number
  readonly spent: number
}

function createTotals() {
  const totals = { results: 0, orders: 0, spent: 0 }
  const writer: SinkWriter = {
    open: () => Promise.resolve(),
    write(values) {
      for (const { orders, spent } of values as Totals[]) {
        totals.results++
        totals.orders += orders
        totals.spent += spent
      }
    },
    flush: () => Promise.resolve(),
    bytesWritten: () => 0,
    close: () => Promise.resolve(),
  }
  return { totals, writer }
}

const source: SourceDeclaration<Order> = {
  connector: 'bench',
  bounded: true,
  options: {
    watermark: { kind: 'monotonic' },
    maxClockAheadMs: null,
    idlenessMs: null,
    alignment: null,
    connector: {},
  },
  functions: { eventTime: (order: Order) => order.at },
}
const sink: SinkDeclaration<Totals> = {
  accepts: 'inserts',
  connector: 'bench',
  options: { connector: {} },
  functions: {},
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
  const { totals, writer } = createTotals()
  const { graph, operators } = job('bench', (flow) => {
    flow
      .source(source)
      .keyBy((order) => order.user)
      .window(windower)
      .aggregate({ orders: count(), spent: sum((order) => order.amount) })
      .sinkTo(sink)
  }).build()
  const plan = planJob(graph, 1)
  const connector: Connector = { kind: 'bench', createSource: () => new OrdersReader(), createSink: () => writer }
  const subtask = createSubtask({
    plan,
    chain: plan.chains[0].id,
    index: 0,
    attempt: 1,
    operators,
    inputs: [],
    outputs: [],
    restore: undefined,
    host: {
      clock: { now: () => Date.now() },
      yieldToHost: () => immediate(),
      after(ms, callback) {
        const timer = setTimeout(callback, ms)
        return () => clearTimeout(timer)
      },
    },
    connector: () => connector,
    connection: (wanted) => {
      throw new Error(`There is no connection ${wanted}.`)
    },
    signal: new AbortController().signal,
    log: (level, operator, message) => console.error(level, operator, message),
    publishRows: () => {},
    onSnapshot: () => {},
    onFinished: () => {},
  })
  const before = process.cpuUsage()
  await subtask.run()
  const { user, system } = process.cpuUsage(before)
  let spent = 0
  for (let index = 0; index < records; index++) spent += index % 100
  // Every record lies in so many windows, also at both ends of the input.
  if (totals.orders !== records * each || totals.spent !== spent * each)
    throw new Error(`Wrong totals of ${name}: ${JSON.stringify(totals)}`)
  return { cpuS: (user + system) / 1_000_000, results: totals.results }
}

const best = new Map<string, { cpuS: number; results: number }>()
for (let round = 0; round < rounds; round++) {
  for (const window of windows) {
    const { cpuS, results } = await run(window)
    best.set(window.name, { cpuS: Math.min(cpuS, best.get(window.name)?.cpuS ?? Infinity), results })
  }
}

console.log(`${records} records, ${recordsPerSecond / keys} a key and second, best of ${rounds} rounds`)
const [first] = best.values()
for (const [name, { cpuS, results }] of best)
  console.log(
    `${name.padEnd(12)} ${((cpuS / records) * 1e9).toFixed(0).padStart(5)} ns a record  × ${(cpuS / first.cpuS).toFixed(2)}  ${results} results`,
  )
