/**
 * `npm run bench -- checkpoints [keys …] [names …]`: what a checkpoint costs an operator with so many keys, on one thread: how
 * long records stand still at once, in CPU of the thread, when all state is copied at the barrier (`whole`) and when it is frozen
 * and copied between batches; the CPU of one checkpoint: what records with one among them take beyond as many with none; and
 * what a record itself costs, when no checkpoint is under way and meanwhile. Keys come in no order, each as often as the
 * others. That what is copied is right is tested by property (libs/engine/src/checkpoint).
 */
import { setImmediate as immediate } from 'node:timers/promises'
import {
  count,
  state,
  sum,
  type Key,
  type MapState,
  type StateSpecs,
  type Timers,
  type ValueState,
} from '@lightflus/api'
import { StateBudget, type SubtaskSnapshot } from '@lightflus/engine'
import { createAggregate } from '../libs/engine/src/operators/aggregate.ts'
import { createDeduplicate } from '../libs/engine/src/operators/deduplicate.ts'
import type { Operator } from '../libs/engine/src/operators/operator.ts'
import { createProcess } from '../libs/engine/src/operators/process.ts'
import { createTopN } from '../libs/engine/src/operators/top-n.ts'
import { createSlicedWindow } from '../libs/engine/src/operators/window/window.ts'
import { makeOperator } from '../libs/engine/src/testing/operator-table.ts'
import { processOptions } from '../libs/engine/src/testing/process-specs.ts'
import { SnapshotCopy } from '../libs/runtime/src/checkpoint/snapshot-copy.ts'
import { SnapshotCopies } from '../libs/runtime/src/slot/snapshot-copies.ts'

const given = process.argv.slice(2)
const sizes = given.map(Number).filter((size) => size > 0)
if (sizes.length === 0) sizes.push(1_000_000)
/** Only cases whose names begin with one of these, where there are any. */
const chosen = given.filter((each) => !(Number(each) > 0))
const batchRecords = 1_000
const roundMs = 5_000

interface Order {
  readonly amount: number
}

const aggregates = { orders: count(), spent: sum(({ amount }: Order) => amount) }
const names = Object.keys(aggregates)
const emit = 'updates'
const input = 'records'
const windowOptions = {
  windower: { kind: 'tumbling', sizeMs: 60_000, offsetMs: 0, time: 'event' },
  allowedLatenessMs: 0,
  lateOutput: null,
  trigger: null,
  panes: 'accumulating',
  keyed: true,
  aggregates: names,
}
const window = () =>
  makeOperator({ kind: 'window', create: createSlicedWindow, options: windowOptions, functions: { aggregates } })
    .operator
const running = (bounded: boolean) => () =>
  makeOperator({
    kind: 'aggregate',
    create: createAggregate,
    bounded,
    options: { aggregates: names, emit, input },
    functions: { aggregates },
  }).operator
interface Totals {
  readonly orders: number
  readonly spent: number
}

interface Context {
  readonly key: Key
  readonly state: { readonly totals: ValueState<Totals>; readonly spent: MapState<number, number> }
  readonly timers: Timers
}

const processing = (states: StateSpecs, onRecord: (order: Order, context: Context) => void) => () =>
  makeOperator({
    kind: 'process',
    create: createProcess,
    ...processOptions({ state: states, onRecord, onTimer() {} }),
  }).operator
const addToValue = processing({ totals: state.value<Totals>() }, ({ amount }, { state: { totals } }) => {
  const { orders, spent } = totals.get() ?? { orders: 0, spent: 0 }
  totals.set({ orders: orders + 1, spent: spent + amount })
})
const addToEntry = processing({ spent: state.map<number, number>() }, ({ amount }, { state: { spent } }) =>
  spent.set(amount % 2, (spent.get(amount % 2) ?? 0) + amount),
)
/** Each key has a timer for a time of its own, or for one of sixty, and puts it off and back again. */
const putOff = (times: number) =>
  processing({}, (_, { key, timers }) => {
    const time = (key as number) % times
    timers.deleteEventTime(time)
    timers.setEventTime(time)
  })
const lastOfEach = () =>
  makeOperator({
    kind: 'deduplicate',
    create: createDeduplicate,
    options: { keep: 'last', ttlMs: null },
    functions: {},
  }).operator

/** The newest two of each key: every record changes its ranking. */
const newestOfEach = () => {
  let records = 0
  return makeOperator({
    kind: 'topN',
    create: createTopN,
    options: { n: 2, order: 'descending', input },
    functions: { by: () => ++records },
  }).operator
}

const numbers = (index: number): Key => index * 3
const texts = (index: number): Key => `user-${index}-abcd`
const cases: readonly (readonly [name: string, make: () => Operator, keyOf: (index: number) => Key])[] = [
  ['window, numbers', window, numbers],
  ['window, texts', window, texts],
  ['bounded aggregate, numbers', running(true), numbers],
  ['running aggregate, texts', running(false), texts],
  ['process with a value, texts', addToValue, texts],
  ['process with a map, texts', addToEntry, texts],
  ['timers, each its own time', putOff(Infinity), numbers],
  ['timers, sixty times', putOff(180), numbers],
  ['deduplicate, texts', lastOfEach, texts],
  ['topN, texts', newestOfEach, texts],
]

const values = Array.from({ length: batchRecords }, (_, index): Order => ({ amount: index % 100 }))
const timestamps = new Array<number>(batchRecords).fill(1_000)
const output = { emit() {}, emitSide() {} }
/** CPU of this thread, its garbage collection included: what else the machine does is not in it. */
const elapsed = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** Goes through all keys, far apart, a batch at a time. */
function createFeed(operator: Operator, size: number, keyOf: (index: number) => Key) {
  let index = 0
  const step = size % 7_919 === 0 ? 7_907 : 7_919
  return async () => {
    const keys = values.map(() => keyOf((index = (index + step) % size)))
    await operator.processBatch({ keys, values, timestamps }, output, 0)
  }
}

function snapshotOf(operator: Operator, isFrozen: boolean): SubtaskSnapshot {
  const frozen = isFrozen ? operator.freeze?.() : undefined
  const subtask = { formatVersion: 1, chain: 'bench', index: 0 } as const
  const named = { operator: 'bench', kind: 'aggregate' } as const
  if (frozen === undefined) return { ...subtask, operators: [{ ...named, ...operator.snapshot()! }] }
  const { subtask: own, keyGroups } = frozen
  return { ...subtask, operators: [{ ...named, subtask: own, keyGroups: new Map(), frozen: keyGroups }] }
}

interface Round {
  /** CPU of all threads of the process, microseconds. */
  readonly micros: number
  readonly records: number
  /** CPU of this thread for a record, nanoseconds, while a checkpoint was under way, and when it was not. */
  readonly meanwhileNs: number
  readonly otherwiseNs: number
}

/** Records for a while. */
async function round(feed: () => Promise<void>, checkpoint: (() => Promise<unknown>) | undefined): Promise<Round> {
  const before = process.cpuUsage()
  const until = performance.now() + roundMs
  let isUnderWay = checkpoint !== undefined
  const stored = checkpoint?.().then(() => (isUnderWay = false))
  const meanwhile = { records: 0, ms: 0 }
  const otherwise = { records: 0, ms: 0 }
  while (performance.now() < until) {
    const present = isUnderWay ? meanwhile : otherwise
    const from = elapsed()
    await feed()
    present.records += batchRecords
    present.ms += elapsed() - from
    await immediate()
  }
  await stored
  const { user, system } = process.cpuUsage(before)
  return {
    micros: user + system,
    records: meanwhile.records + otherwise.records,
    meanwhileNs: (meanwhile.ms * 1e6) / meanwhile.records,
    otherwiseNs: (otherwise.ms * 1e6) / otherwise.records,
  }
}

console.log(
  'state                       |      keys | pause, whole | pause, frozen | took ms |   MB | CPU s | record ns | meanwhile ns',
)
for (const size of sizes) {
  for (const [name, make, keyOf] of cases) {
    if (chosen.length > 0 && !chosen.some((each) => name.startsWith(each))) continue
    const operator = make()
    const feed = createFeed(operator, size, keyOf)
    for (let fed = 0; fed < size; fed += batchRecords) await feed()
    const from = elapsed()
    const whole = new SnapshotCopy(snapshotOf(operator, false))
    const wholeMs = elapsed() - from
    whole.release()
    const copies = new SnapshotCopies({ budget: new StateBudget(Infinity), elapsed })
    let [pauseMs, tookMs, bytes] = [0, 0, 0]
    const checkpoint = async () => {
      const began = performance.now()
      const { file, pauseMs: longest } = (await copies.store('bench', 1, snapshotOf(operator, true), 0))!
      pauseMs = Math.max(pauseMs, longest)
      tookMs = performance.now() - began
      bytes = file.bytes.byteLength
    }
    const without = await round(feed, undefined)
    const withOne = await round(feed, checkpoint)
    const cpuSeconds = (withOne.micros - (without.micros / without.records) * withOne.records) / 1e6
    console.log(
      `${name.padEnd(27)} | ${String(size).padStart(9)} | ${wholeMs.toFixed(1).padStart(12)} | ${pauseMs.toFixed(1).padStart(13)} | ${tookMs.toFixed(0).padStart(7)} | ${(bytes / 1e6).toFixed(1).padStart(4)} | ${cpuSeconds.toFixed(2).padStart(5)} | ${withOne.otherwiseNs.toFixed(0).padStart(9)} | ${withOne.meanwhileNs.toFixed(0).padStart(12)}`,
    )
  }
}
