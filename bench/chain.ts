/**
 * What a record costs in a chain of operators that remember nothing: map → filter → map → filter, as generated code and
 * operator by operator. Run it with
 *
 *   node bench/chain.ts [records] [rounds]
 *
 * It prints the least CPU time a record of several rounds each, in turn, and what is left without that of the source and
 * the sink alone. It fails when the two do not write the same.
 */
import { job, type Flow } from '@lightflus/api'
import { recordsSource, runInThread, writeSink, type Records } from './thread-run.ts'

const records = Number(process.argv[2] ?? 3_000_000)
const rounds = Number(process.argv[3] ?? 5)

interface Order {
  readonly user: number
  readonly amount: number
  readonly at: number
}

/** Made once and read over and over: their making is not what is measured. */
const made = Array.from({ length: 8_192 }, (_, index): Order => ({
  user: (index * 7_919) % 1_000,
  amount: index % 100,
  at: index,
}))
const orders: Records = { count: records, at: (index) => made[index % made.length] }

const source = (flow: Flow) =>
  flow.source(recordsSource<Order>({ bounded: true, eventTime: (order) => order.at }), { name: 'orders' })
const empty = job('empty', (flow) => void source(flow).sinkTo(writeSink<Order>()))
const chain = job('chain', (flow) => {
  source(flow)
    .map((order) => ({ user: order.user, cents: order.amount * 100 }))
    .filter((order) => order.cents > 1_000)
    .map((order) => ({ user: order.user, cents: order.cents, tax: order.cents * 0.19 }))
    .filter((order) => order.tax >= 0)
    .sinkTo(writeSink<{ cents: number }>())
})

const ways = {
  'source and sink alone': { definition: empty, interpreted: false },
  generated: { definition: chain, interpreted: false },
  'operator by operator': { definition: chain, interpreted: true },
}

const least: Record<string, number> = {}
const sums: Record<string, number> = {}
for (let round = 0; round < rounds; round++)
  for (const [name, { definition, interpreted }] of Object.entries(ways)) {
    let sum = 0
    const { cpuSeconds } = await runInThread(definition, {
      recordsOf: () => orders,
      write(values) {
        for (const { cents } of values as { cents?: number }[]) sum += cents ?? 0
      },
      interpreted,
    })
    least[name] = Math.min(least[name] ?? Infinity, (cpuSeconds * 1e9) / records)
    sums[name] = sum
  }
if (sums['generated'] !== sums['operator by operator']) throw new Error(`Not the same: ${JSON.stringify(sums)}`)

const alone = least['source and sink alone']
for (const [name, cost] of Object.entries(least))
  console.log(
    `${name.padEnd(24)} ${cost.toFixed(0).padStart(5)} ns a record, the chain ${(cost - alone).toFixed(0)} ns`,
  )
const ratio = (least['operator by operator'] - alone) / (least['generated'] - alone)
console.log(`generated code: ${ratio.toFixed(1)} times as fast`)
