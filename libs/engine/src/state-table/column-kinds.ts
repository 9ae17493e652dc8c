import type { AggregateColumns } from '@lightflus/api'
import { chunkBits, chunkMask } from './column-table.ts'

type Kind = AggregateColumns['kind']

/** Where one aggregate's columns are, and what records give it. */
export interface AddedColumns {
  readonly chunks: readonly Float64Array[]
  readonly stride: number
  /** Of the aggregate's first column within an entry. */
  readonly column: number
  /** The entry of each record. */
  readonly entries: Int32Array
  /** The number of each record, NaN where it is left out; undefined: every record is counted. */
  readonly input: Float64Array | undefined
}

/** What one kind of aggregate does with its columns: the same as the functions of libs/api with an accumulator. */
export interface ColumnKind {
  /** Columns of an accumulator without records. */
  readonly initial: readonly number[]
  /** Each column is a sum over the records, so that columns of some of them can be taken away where that is exact. */
  readonly isSum: boolean
  readonly toAccumulator: (chunk: Float64Array, at: number) => unknown
  readonly fromAccumulator: (accumulator: never, chunk: Float64Array, at: number) => void
  /** What a record gave, told by an accumulator that holds it alone; NaN where it was left out. */
  readonly inputOf: (accumulator: never) => number
  /** Adds the records from one index to another. */
  readonly add: (added: AddedColumns, from: number, to: number) => void
}

interface Avg {
  sum: number
  lost: number
  count: number
}
interface Moments {
  count: number
  mean: number
  squares: number
}

const oneNumber = {
  toAccumulator: (chunk: Float64Array, at: number) => chunk[at],
  fromAccumulator: (accumulator: number, chunk: Float64Array, at: number) => {
    chunk[at] = accumulator
  },
}

export const columnKinds: Readonly<Record<Kind, ColumnKind>> = {
  count: {
    initial: [0],
    isSum: true,
    ...oneNumber,
    inputOf: (count: number) => (count === 0 ? NaN : 1),
    add: addCounts,
  },
  sum: { initial: [0], isSum: true, ...oneNumber, inputOf: (sum: number) => sum, add: addSums },
  min: {
    initial: [Infinity],
    isSum: false,
    ...oneNumber,
    inputOf: (least: number) => (least === Infinity ? NaN : least),
    add: addMins,
  },
  max: {
    initial: [-Infinity],
    isSum: false,
    ...oneNumber,
    inputOf: (most: number) => (most === -Infinity ? NaN : most),
    add: addMaxs,
  },
  avg: {
    initial: [0, 0, 0],
    isSum: true,
    toAccumulator: (chunk, at): Avg => ({ sum: chunk[at], lost: chunk[at + 1], count: chunk[at + 2] }),
    fromAccumulator({ sum, lost, count }: Avg, chunk, at) {
      chunk[at] = sum
      chunk[at + 1] = lost
      chunk[at + 2] = count
    },
    inputOf: ({ sum, count }: Avg) => (count === 0 ? NaN : sum),
    add: addAvgs,
  },
  moments: {
    initial: [0, 0, 0],
    isSum: false,
    toAccumulator: (chunk, at): Moments => ({ count: chunk[at], mean: chunk[at + 1], squares: chunk[at + 2] }),
    fromAccumulator({ count, mean, squares }: Moments, chunk, at) {
      chunk[at] = count
      chunk[at + 1] = mean
      chunk[at + 2] = squares
    },
    inputOf: ({ mean, count }: Moments) => (count === 0 ? NaN : mean),
    add: addMoments,
  },
}

function addCounts({ chunks, stride, column, entries, input }: AddedColumns, from: number, to: number): void {
  if (input === undefined && chunks.length === 1) {
    // Most tables are small: a third less time for them.
    const chunk = chunks[0]
    for (let i = from; i < to; i++) chunk[entries[i] * stride + column]++
    return
  }
  for (let i = from; i < to; i++) {
    if (input !== undefined && input[i] !== input[i]) continue
    const entry = entries[i]
    chunks[entry >>> chunkBits][(entry & chunkMask) * stride + column]++
  }
}

function addSums({ chunks, stride, column, entries, input }: AddedColumns, from: number, to: number): void {
  const chunk = chunks.length === 1 ? chunks[0] : undefined
  for (let i = from; i < to; i++) {
    const number = input![i]
    if (number !== number) continue
    const entry = entries[i]
    if (chunk !== undefined) chunk[entry * stride + column] += number
    else chunks[entry >>> chunkBits][(entry & chunkMask) * stride + column] += number
  }
}

function addMins({ chunks, stride, column, entries, input }: AddedColumns, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const number = input![i]
    if (number !== number) continue
    const entry = entries[i]
    const chunk = chunks[entry >>> chunkBits]
    const at = (entry & chunkMask) * stride + column
    chunk[at] = Math.min(chunk[at], number)
  }
}

function addMaxs({ chunks, stride, column, entries, input }: AddedColumns, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const number = input![i]
    if (number !== number) continue
    const entry = entries[i]
    const chunk = chunks[entry >>> chunkBits]
    const at = (entry & chunkMask) * stride + column
    chunk[at] = Math.max(chunk[at], number)
  }
}

/** Neumaier's sum, as `addExactly` in libs/api. */
function addAvgs({ chunks, stride, column, entries, input }: AddedColumns, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const number = input![i]
    if (number !== number) continue
    const entry = entries[i]
    const chunk = chunks[entry >>> chunkBits]
    const at = (entry & chunkMask) * stride + column
    const before = chunk[at]
    const sum = before + number
    chunk[at + 1] += Math.abs(before) >= Math.abs(number) ? before - sum + number : number - sum + before
    chunk[at] = sum
    chunk[at + 2]++
  }
}

/** Welford's moments. */
function addMoments({ chunks, stride, column, entries, input }: AddedColumns, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const number = input![i]
    if (number !== number) continue
    const entry = entries[i]
    const chunk = chunks[entry >>> chunkBits]
    const at = (entry & chunkMask) * stride + column
    const distance = number - chunk[at + 1]
    const count = ++chunk[at]
    chunk[at + 1] += distance / count
    chunk[at + 2] += distance * (number - chunk[at + 1])
  }
}
