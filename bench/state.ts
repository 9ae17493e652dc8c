/**
 * What keyed sums cost in columns of typed arrays and in a Map of cells: CPU time of an update and bytes of a key, by how
 * many keys there are. A record is counted, and a number of it summed up; the records are there already, and nothing is
 * emitted. Run it with
 *
 *   node --expose-gc bench/state.ts [keys …]
 *
 * Keys come in no order, each as often as the others. `first`: records that bring a new key, growth included; `next`: those
 * that come after. Texts are made anew for every record, as they are when records are read; those that are kept are part of
 * the bytes.
 */
import { setImmediate as immediate } from 'node:timers/promises'
import { count, sum, type Aggregate, type Key } from '@lightflus/api'
import { aggregatesFold } from '../libs/engine/src/operators/fold/fold.ts'
import { addToCells, ColumnCells, type RecordRun } from '../libs/engine/src/operators/window/slice-cells.ts'
import { columnFold } from '../libs/engine/src/state-table/column-fold.ts'
import type { Cell } from '../libs/engine/src/operators/fold/fold.ts'

const sizes =
  process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 10_000, 100_000, 1_000_000, 10_000_000]
/** Of a case at least, so that small ones are measured, too. */
const updatesMin = 4_000_000
const batchRecords = 1_000

interface Order {
  readonly amount: number
}

const aggregates: Readonly<Record<string, Aggregate>> = { orders: count(), spent: sum(({ amount }: Order) => amount) }
const names = Object.keys(aggregates)

const orders = Array.from({ length: batchRecords }, (_, index): Order => ({ amount: index % 100 }))
const timestamps = new Array<number>(batchRecords).fill(0)

type Add = (run: RecordRun) => void

function inColumns(): { readonly add: Add; readonly state: { readonly size: number } } {
  const fold = columnFold(names, aggregates)!
  const cells = new ColumnCells(fold)
  return { state: cells, add: (run) => cells.add(run, fold.evaluate(run.batch.values), fail) }
}

function inMap(): { readonly add: Add; readonly state: { readonly size: number } } {
  const fold = aggregatesFold(names, aggregates, 'fail')
  const cells = new Map<Key, Cell>()
  return { state: cells, add: (run) => addToCells(fold, cells, run, fail) }
}

function fail(thrown: unknown): never {
  throw thrown
}

/** Goes through all indices below `size`, far apart. */
function* indices(size: number): Generator<number, never> {
  const step = size % 7_919 === 0 ? 7_907 : 7_919
  for (let index = 0; ; index = (index + step) % size) yield index
}

const keyKinds: Readonly<Record<string, (index: number) => Key>> = {
  numbers: (index) => index * 3,
  texts: (index) => JSON.parse(`"user-${index}-abcd"`) as string,
}

async function heapBytes(): Promise<number> {
  // Buffers are let go of after the collection that finds them.
  for (let i = 0; i < 3; i++) {
    globalThis.gc!()
    await immediate()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** CPU nanoseconds of an update. */
function updates(add: Add, count: number, index: Generator<number, never>, keyOf: (index: number) => Key): number {
  let micros = 0
  for (let from = 0; from < count; from += batchRecords) {
    const length = Math.min(batchRecords, count - from)
    const keys = Array.from({ length }, () => keyOf(index.next().value))
    const values = length === batchRecords ? orders : orders.slice(0, length)
    const before = process.cpuUsage()
    add({ batch: { keys, values, timestamps }, from: 0, to: length })
    const { user, system } = process.cpuUsage(before)
    micros += user + system
  }
  return (micros * 1_000) / count
}

async function measure(make: typeof inMap, size: number, keyOf: (index: number) => Key) {
  const before = await heapBytes()
  const { add, state } = make()
  const index = indices(size)
  const first = updates(add, size, index, keyOf)
  const bytes = ((await heapBytes()) - before) / size
  const next = updates(add, Math.max(size, updatesMin), index, keyOf)
  if (state.size !== size) throw new Error(`There are ${state.size} keys, not ${size}.`)
  return { first, next, bytes }
}

if (globalThis.gc === undefined) throw new Error('Run it with --expose-gc.')
// Both are compiled before they are measured.
for (const make of [inColumns, inMap]) for (const keyOf of Object.values(keyKinds)) await measure(make, 50_000, keyOf)

console.log('keys             | ns first | ns next | bytes a key, columns || first |  next | bytes, Map || next ×')
for (const [kind, keyOf] of Object.entries(keyKinds)) {
  for (const size of sizes) {
    const columns = await measure(inColumns, size, keyOf)
    const map = await measure(inMap, size, keyOf)
    const cells = [columns.first, columns.next, columns.bytes, map.first, map.next, map.bytes].map((each) =>
      each.toFixed(0).padStart(6),
    )
    console.log(`${kind.padEnd(8)}${String(size).padStart(9)}`, ...cells, (map.next / columns.next).toFixed(2))
  }
}
