/**
 * What the engine itself costs, on one thread and without any outside system: generated records through
 * map → keyBy → tumbling window with count and sum, in one chain. Run it with
 *
 *   node bench/engine.ts [records] [keys]
 *
 * It prints records a second of wall time and of CPU time, generation of the records included, and fails when the
 * totals are not exact.
 */
import { count, job, sum, tumbling } from '@lightflus/api'
import { recordsSource, runInThread, writeSink, type Records } from './thread-run.ts'

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

const orders: Records = {
  count: records,
  at: (index): Order => ({
    // Multiplied by a prime: neighbours have different keys.
    user: users[(index * 7919) % keys],
    amount: index % 100,
    at: Math.floor(index / recordsPerMs),
  }),
}

interface Totals {
  readonly orders: number
  readonly spent: number
}

const totals = { results: 0, orders: 0, spent: 0 }

const definition = job('bench', (flow) => {
  flow
    .source(recordsSource<Order>({ bounded: true, eventTime: (order) => order.at }))
    .map((order) => ({ user: order.user, cents: order.amount * 100 }))
    .keyBy((order) => order.user)
    .window(tumbling('1m'))
    .aggregate({ orders: count(), spent: sum((order) => order.cents) })
    .sinkTo(writeSink<Totals>())
})

const { wallSeconds, cpuSeconds } = await runInThread(definition, {
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
for (let index = 0; index < records; index++) spent += (index % 100) * 100
if (totals.orders !== records || totals.spent !== spent) throw new Error(`Wrong totals: ${JSON.stringify(totals)}`)

const rate = (seconds: number) => `${(records / seconds / 1_000_000).toFixed(2)} M records/s`
console.log(`${records} records, ${keys} keys, ${totals.results} results`)
console.log(`wall ${wallSeconds.toFixed(2)} s: ${rate(wallSeconds)}`)
console.log(`CPU  ${cpuSeconds.toFixed(2)} s: ${rate(cpuSeconds)}`)
console.log(`resident ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`)
