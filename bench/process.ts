/**
 * What a process function costs beside a reduce that does the same, on one thread and without any outside system: a sum
 * by key that is emitted with every record. Run it with
 *
 *   node bench/process.ts [records] [keys]
 *
 * It runs the same flow without an operator in its place, with the reduce, and with process functions, in turn and
 * several times, prints the least CPU time of each and what its operator costs as a multiple of the reduce, and fails when
 * the sums are not exact.
 */
import { job, state, sum, type KeyedStream, type Stream } from '@lightflus/api'
import { recordsSource, runInThread, writeSink, type Records } from './thread-run.ts'

const records = Number(process.argv[2] ?? 2_000_000)
const keys = Number(process.argv[3] ?? 10_000)
const rounds = 5

interface Order {
  readonly user: string
  readonly amount: number
}
interface Spent {
  readonly key: string
  readonly value: number
}

const keyed =
  (operator: (orders: KeyedStream<Order, string>) => Stream<Spent>) =>
  (stream: Stream<Order>): Stream<Spent> =>
    operator(stream.keyBy((order) => order.user))

const cases: Readonly<Record<string, (stream: Stream<Order>) => Stream<Spent>>> = {
  'no operator': (stream) => stream.map(({ user, amount }) => ({ key: user, value: amount })),
  reduce: keyed((orders) =>
    orders
      .reduce((a, b) => ({ user: a.user, amount: a.amount + b.amount }))
      .map(({ key, value }) => ({ key, value: value.amount })),
  ),
  'process, a value': keyed((orders) =>
    orders.process({
      state: { spent: state.value<number>() },
      onRecord({ amount }, { key, state: { spent } }) {
        const value = (spent.get() ?? 0) + amount
        spent.set(value)
        return [{ key, value }]
      },
    }),
  ),
  'process, a value with a ttl': keyed((orders) =>
    orders.process({
      state: { spent: state.value<number>({ ttl: '1h' }) },
      onRecord({ amount }, { key, state: { spent } }) {
        const value = (spent.get() ?? 0) + amount
        spent.set(value)
        return [{ key, value }]
      },
    }),
  ),
  'process, a value, errors skipped': keyed((orders) =>
    orders.process(
      {
        state: { spent: state.value<number>() },
        onRecord({ amount }, { key, state: { spent } }) {
          const value = (spent.get() ?? 0) + amount
          spent.set(value)
          return [{ key, value }]
        },
      },
      { onError: 'skip' },
    ),
  ),
  'process, a fold': keyed((orders) =>
    orders.process({
      state: { spent: state.reducing(sum((order: Order) => order.amount)) },
      onRecord(order, { key, state: { spent } }) {
        spent.add(order)
        return [{ key, value: spent.get()! }]
      },
    }),
  ),
  'process, a value and a generator': keyed((orders) =>
    orders.process({
      state: { spent: state.value<number>() },
      *onRecord({ amount }, { key, state: { spent } }) {
        const value = (spent.get() ?? 0) + amount
        spent.set(value)
        yield { key, value }
      },
    }),
  ),
  'process, a value and a timer put off': keyed((orders) =>
    orders.process({
      state: { spent: state.value<number>(), due: state.value<number>() },
      onRecord({ amount }, { key, state: { spent, due }, timers }) {
        const value = (spent.get() ?? 0) + amount
        spent.set(value)
        const before = due.get()
        if (before !== undefined) timers.deleteEventTime(before)
        due.set(value)
        timers.setEventTime(value)
        return [{ key, value }]
      },
      onTimer: () => [],
    }),
  ),
}

/** Texts are made once: a real source would intern them, and their making is not what is measured. */
const users = Array.from({ length: keys }, (_, number) => `user-${number}`)

const orders: Records = {
  count: records,
  // Multiplied by a prime: neighbours have different keys.
  at: (index): Order => ({ user: users[(index * 7919) % keys], amount: 1 + (index % 100) }),
}

let spent = 0
for (let index = 0; index < records; index++) spent += 1 + (index % 100)

const least = new Map<string, number>()
for (let round = 0; round < rounds; round++) {
  for (const [name, flowOf] of Object.entries(cases)) {
    const definition = job('bench', (flow) => {
      // The graph takes it for endless, so that there is a result for each record.
      flowOf(flow.source(recordsSource<Order>({ bounded: false }))).sinkTo(writeSink<Spent>())
    })
    const latest = new Map<string, number>()
    const { cpuSeconds } = await runInThread(definition, {
      recordsOf: () => orders,
      write(values) {
        for (const { key, value } of values as Spent[]) latest.set(key, value)
      },
    })
    const total = [...latest.values()].reduce((a, b) => a + b, 0)
    if (name !== 'no operator' && total !== spent) throw new Error(`${name}: wrong sum ${total}, not ${spent}`)
    least.set(name, Math.min(cpuSeconds, least.get(name) ?? Infinity))
  }
}

const base = least.get('no operator')!
const reduce = least.get('reduce')! - base
console.log(`${records} records, ${keys} keys, the least CPU seconds of ${rounds} runs`)
for (const [name, seconds] of least) {
  const ns = ((seconds - base) / records) * 1e9
  console.log(
    `${name.padEnd(38)} ${seconds.toFixed(2)} s  ${ns.toFixed(0).padStart(4)} ns a record  ${((seconds - base) / reduce).toFixed(2)} × reduce`,
  )
}
