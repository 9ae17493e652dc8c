import type { OperatorDefinition } from '@lightflus/api'
import { minWatermark, noTimestamp, type RecordBatch, type StreamElement } from '../../record.ts'
import { selectRecords } from '../../record-batch.ts'
import type { ColumnFold } from '../../state-table/column-fold.ts'
import { emittedRecordsMax } from '../operator.ts'
import type { Cell, Fold } from '../fold/fold.ts'
import type { RecordFailures } from '../record-failures.ts'
import { ColumnPartials, ObjectPartials, type SlicePartials } from './slice-partials.ts'
import { createSlices, type Slices } from './slices.ts'
import { windowColumns, windowFold, type WindowNodeOptions } from './window-options.ts'

/** Partial results that are held at most, and records in those that are objects, which may grow with each. */
const partialsMax = 16_384
const recordsInObjectsMax = 65_536
/** Of so many records it is told whether combining them is worth its while. */
const judgedRecords = 1_024
/** Records that a partial result has to stand for: fewer cost more to combine than to send. */
const recordsPerPartialMin = 3
/** For each record that was combined in vain so many are sent as they are, before it is tried again. */
const passedPerRecord = 16

/**
 * Undefined where it would not pay, or the window could tell: of sums that depend on how they are grouped, and of
 * accumulators that grow with each record.
 * @param failures of the window: under `onError: 'fail'` it fails here.
 */
export function createWindowCombiner(
  operator: OperatorDefinition<'window'>,
  failures: RecordFailures,
): WindowCombiner | undefined {
  const columns = windowColumns({ operator })
  const fold = windowFold({ operator })
  const aggregates = Object.values(operator.functions.aggregates ?? {})
  const isCombined = columns
    ? !columns.kinds.includes('moments')
    : fold.staysSmall && !aggregates.some((aggregate) => roundedKinds.has(aggregate.columns?.kind))
  return isCombined ? new WindowCombiner(operator, { fold, columns, failures }) : undefined
}

/** Aggregates of numbers whose rounding depends on how they are grouped. */
const roundedKinds: ReadonlySet<string | undefined> = new Set(['sum', 'avg', 'moments'])

/**
 * Combines the records that a subtask sends to a window of fixed bounds (`ChainEdge.combines`): one partial result for
 * each key and slice takes their place. It holds none when a watermark has gone by that lets one of the slice's windows
 * fire, when a barrier has, or when its sender is idle; so it has no state that a checkpoint would need, and records are
 * on time for the window exactly where they would have been.
 *
 * Records go on as they are where a function of the program throws on one of them, where sums would depend on how they
 * are grouped, where they are late by the sender's own watermark, and where few of them have their key in common.
 */
export class WindowCombiner {
  readonly #slices: Slices
  readonly #fold: Fold
  readonly #columns: ColumnFold | undefined
  readonly #failed: (thrown: unknown, batch: RecordBatch, index: number) => void
  /** By the start of their slice. */
  readonly #partials = new Map<number, SlicePartials>()
  #watermark = minWatermark
  /** The least watermark before which something has to be sent. */
  #due = Infinity
  #held = 0
  #heldRecords = 0
  #released = 0
  #releasedRecords = 0
  #toPass = 0

  constructor(
    operator: OperatorDefinition<'window'>,
    { fold, columns, failures }: { fold: Fold; columns: ColumnFold | undefined; failures: RecordFailures },
  ) {
    const { windower, onError } = operator.node.options as unknown as WindowNodeOptions
    if (windower.kind !== 'tumbling' && windower.kind !== 'sliding') throw new Error('no window of fixed bounds')
    const slideMs = windower.kind === 'sliding' ? windower.slideMs : windower.sizeMs
    this.#slices = createSlices(windower.sizeMs, slideMs, windower.offsetMs)
    this.#fold = fold
    this.#columns = columns
    this.#failed = (thrown, batch, index) => {
      // Skipped or not is said where the window is, which is given the record itself.
      if (onError === 'fail') failures.threw(thrown, { batch, index })
    }
  }

  /** Takes in what it can of a batch. @returns the rest, to be sent as it is. */
  take(batch: RecordBatch): RecordBatch | undefined {
    const { length } = batch.values
    if (this.#toPass > 0) {
      this.#toPass -= length
      return batch
    }
    const columns = this.#columns
    if (columns !== undefined) {
      if (!columns.evaluate(batch.values)) return batch
      // Of what is rounded from now on, sums would depend on how records are grouped.
      if (!columns.areExact(length)) this.#toPass = Infinity
    }
    if (this.#toPass > 0) return batch
    const rest = this.#addRuns(batch)
    if (rest.length === 0) return undefined
    return rest.length === length ? batch : selectRecords(batch, rest)
  }

  /** Whether all has to be sent before more records come: for the memory that it takes, or as these are sent as they are. */
  get isFull(): boolean {
    if (this.#toPass > 0) return this.#held > 0
    return this.#held > partialsMax || (this.#columns === undefined && this.#heldRecords > recordsInObjectsMax)
  }

  /** What has to be sent before something other than a batch. */
  before(element: StreamElement): Iterator<RecordBatch, void> {
    if (element.kind !== 'watermark' || element.idle) return this.release(Infinity)
    this.#watermark = element.timestamp
    return this.release(element.timestamp)
  }

  /** @param watermark lets go of slices of which it fires a window; of all: Infinity. */
  *release(watermark: number): Generator<RecordBatch, void> {
    if (this.#partials.size === 0 || this.#due > watermark) return
    for (const start of [...this.#partials.keys()].sort((a, b) => a - b)) {
      if (this.#dueOf(start) > watermark) continue
      const partials = this.#partials.get(start)!
      this.#partials.delete(start)
      this.#judge(partials)
      yield* partials.batches(start, emittedRecordsMax)
    }
    this.#due = Math.min(...[...this.#partials.keys()].map((start) => this.#dueOf(start)))
  }

  #judge({ size, records }: SlicePartials): void {
    this.#held -= size
    this.#heldRecords -= records
    this.#released += size
    this.#releasedRecords += records
    if (this.#releasedRecords < judgedRecords) return
    if (this.#releasedRecords < this.#released * recordsPerPartialMin)
      this.#toPass = this.#releasedRecords * passedPerRecord
    this.#released = 0
    this.#releasedRecords = 0
  }

  /** @returns the indices of the records that were not taken in. */
  #addRuns(batch: RecordBatch): number[] {
    const { timestamps } = batch
    const rest: number[] = []
    for (let index = 0; index < timestamps.length;) {
      const start = timestamps[index] === noTimestamp ? NaN : this.#slices.startOf(timestamps[index])
      const end = this.#slices.endOf(start)
      // Records mostly belong to the slice of the one before.
      let to = index + 1
      while (to < timestamps.length && timestamps[to] >= start && timestamps[to] < end) to++
      if (this.#slices.isHeld(start) && this.#dueOf(start) > this.#watermark)
        this.#add({ batch, from: index, to }, start, rest)
      else for (let i = index; i < to; i++) rest.push(i)
      index = to
    }
    return rest
  }

  #add(
    run: { readonly batch: RecordBatch; readonly from: number; readonly to: number },
    start: number,
    rest: number[],
  ) {
    let partials = this.#partials.get(start)
    if (partials === undefined) {
      partials = this.#columns ? new ColumnPartials(this.#columns) : new ObjectPartials(this.#fold, this.#crosses)
      this.#partials.set(start, partials)
      this.#due = Math.min(this.#due, this.#dueOf(start))
    }
    const { size, records } = partials
    partials.add(run, rest, this.#failed)
    this.#held += partials.size - size
    this.#heldRecords += partials.records - records
  }

  /** Whether a cell arrives as it was sent; otherwise nothing is combined from now on. */
  readonly #crosses = (cell: Cell): boolean => {
    const crosses = cell.every(isData)
    if (!crosses) this.#toPass = Infinity
    return crosses
  }

  /** The end of the first window that holds the slice. */
  #dueOf(start: number): number {
    return this.#slices.windowEndFrom(this.#slices.endOf(start))
  }
}

/** What a structured clone leaves as it is: no instances of the program's own classes. Programs may have a realm of their own. */
function isData(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol'
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null || builtIn.has(tagOf(value))
}

const tagOf = (value: object): string => Object.prototype.toString.call(value)
const builtIn: ReadonlySet<string> = new Set([
  ...['[object Array]', '[object Map]', '[object Set]', '[object Date]'],
  ...['[object Uint8Array]', '[object Int32Array]', '[object Uint32Array]', '[object Float64Array]'],
])
