/**
 * What the engine itself costs, on one thread and without any outside system: generated records through
 * map → keyBy → tumbling window with count and sum, in one chain. Run it with
 *
 *   node bench/engine.ts [records] [keys]
 *
 * It prints records a second of wall time and of CPU time, generation of the records included, and fails when the
 * totals are not exact.
 */
import { setImmediate as immediate } from 'node:timers/promises'
import { count, job, sum, tumbling, type SinkDeclaration, type SourceDeclaration } from '@lightflus/api'
import { createSubtask, planJob, type Connector, type SinkWriter, type SourceReader } from '@lightflus/engine'

const records = Number(process.argv[2] ?? 10_000_000)
const keys = Number(process.argv[3] ?? 10_000)
/** Event time per record: 10,000 records a second, so that a window of a minute holds 600,000. */
const recordsPerMs = 10

interface Order {
  readonly user: string
  readonly amount: number
  readonly at: number
}

/** Texts are made once: a real source would intern them, and their making is not what is measured. */
const users = Array.from({ length: keys }, (_, number) => `user-${number}`)

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
      // Multiplied by a prime: neighbours have different keys.
      payloads.push({ user: users[(index * 7919) % keys], amount: index % 100, at: Math.floor(index / recordsPerMs) })
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

const totals = { results: 0, orders: 0, spent: 0 }

const totalling: SinkWriter = {
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

const orders: SourceDeclaration<Order> = {
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
const results: SinkDeclaration<Totals> = {
  accepts: 'inserts',
  connector: 'bench',
  options: { connector: {} },
  functions: {},
}

const { graph, operators } = job('bench', (flow) => {
  flow
    .source(orders)
    .map((order) => ({ user: order.user, cents: order.amount * 100 }))
    .keyBy((order) => order.user)
    .window(tumbling('1m'))
    .aggregate({ orders: count(), spent: sum((order) => order.cents) })
    .sinkTo(results)
}).build()

const plan = planJob(graph, 1)
const connector: Connector = { kind: 'bench', createSource: () => new OrdersReader(), createSink: () => totalling }
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
  connection: (name) => {
    throw new Error(`There is no connection ${name}.`)
  },
  signal: new AbortController().signal,
  log: (level, operator, message) => console.error(level, operator, message),
  publishRows: () => {},
  onSnapshot: () => {},
  onFinished: () => {},
})

const startedAt = performance.now()
const cpuBefore = process.cpuUsage()
await subtask.run()
const wallS = (performance.now() - startedAt) / 1_000
const cpu = process.cpuUsage(cpuBefore)
const cpuS = (cpu.user + cpu.system) / 1_000_000

let spent = 0
for (let index = 0; index < records; index++) spent += (index % 100) * 100
if (totals.orders !== records || totals.spent !== spent) throw new Error(`Wrong totals: ${JSON.stringify(totals)}`)

const rate = (seconds: number) => `${(records / seconds / 1_000_000).toFixed(2)} M records/s`
console.log(`${records} records, ${keys} keys, ${totals.results} results`)
console.log(`wall ${wallS.toFixed(2)} s: ${rate(wallS)}`)
console.log(`CPU  ${cpuS.toFixed(2)} s: ${rate(cpuS)}`)
console.log(`resident ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`)
