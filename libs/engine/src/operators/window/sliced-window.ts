import { LightflusError, type Key, type OnError, type TumblingWindower } from '@lightflus/api'
import type { OperatorRestore } from '../../checkpoint/snapshot.ts'
import { minWatermark, noTimestamp, type RecordBatch } from '../../record.ts'
import { aggregatesFold, reduceFold, type Cell, type Fold } from '../fold/fold.ts'
import { emitEach, emittedRecordsMax, type Operator, type OperatorContext, type Output } from '../operator.ts'
import { assertShape } from '../restored-shape.ts'
import { windowStart } from './tumbling.ts'
import {
  cellsOf,
  putWindows,
  windowsByKeyGroup,
  type KeyGroupWindows,
  type WindowCells,
  type WindowTable,
} from './window-table.ts'

interface WindowOptions {
  readonly onError: OnError
  readonly windower: TumblingWindower
  readonly allowedLatenessMs: number
  readonly aggregates: readonly string[] | null
}

interface WindowState {
  readonly shape: string
  readonly watermark: number
}

/**
 * Tumbling windows of event time. Keeps, for each window and key that has records, one cell.
 *
 * - A record goes into the cell of its key and window. One that belongs to a window that has fired, but is not later
 *   than the allowed lateness, emits that window's corrected result at once. One later than that is dropped and counted.
 * - A watermark fires the windows that end at or before it, earliest first: `{ key, window, ...results }` for each key,
 *   with the event time `end - 1`, and forgets those that are behind it by the allowed lateness.
 * - A snapshot holds the watermark and the cells by key group. Restored, it takes the greatest watermark of the old
 *   subtasks; windows of those that were behind fire before the first record.
 */
export function createSlicedWindow(context: OperatorContext<'window'>): Operator {
  const window = new SlicedWindow(context)
  return {
    restore: (restored) => window.restore(restored),
    open() {},
    processBatch: (batch, output) => window.processBatch(batch, output),
    onWatermark: (watermark, output) => window.onWatermark(watermark, output),
    snapshot: () => window.snapshot(),
    flush() {},
    endInput() {},
    close() {},
  }
}

function foldOf({ operator }: OperatorContext<'window'>): Fold {
  const { aggregates, onError } = operator.node.options as unknown as WindowOptions
  const { functions } = operator
  return aggregates === null
    ? reduceFold(functions.reduce!)
    : aggregatesFold(aggregates, functions.aggregates!, onError)
}

class SlicedWindow {
  readonly #context: OperatorContext<'window'>
  readonly #sizeMs: number
  readonly #offsetMs: number
  readonly #latenessMs: number
  readonly #fold: Fold
  readonly #shape: string
  /** Windows that have not fired. */
  readonly #open: WindowTable = new Map()
  /** Windows that have fired and are kept while the allowed lateness lasts. */
  readonly #fired: WindowTable = new Map()
  #watermark = minWatermark
  /** Where the least end of an open window, or of a fired one and the lateness, lies: nothing to do before it. */
  #nextDue = Infinity

  constructor(context: OperatorContext<'window'>) {
    const { windower, allowedLatenessMs } = context.operator.node.options as unknown as WindowOptions
    this.#context = context
    this.#sizeMs = windower.sizeMs
    this.#offsetMs = windower.offsetMs
    this.#latenessMs = allowedLatenessMs
    this.#fold = foldOf(context)
    this.#shape = `${windower.kind} ${windower.sizeMs}+${windower.offsetMs} ms, ${this.#fold.shape}`
  }

  restore({ subtasks, keyGroups }: OperatorRestore): void {
    for (const state of subtasks as WindowState[]) {
      assertShape(this.#context, state.shape, this.#shape)
      this.#watermark = Math.max(this.#watermark, state.watermark)
    }
    for (const group of keyGroups.values()) putWindows(this.#open, this.#fired, group as KeyGroupWindows)
    this.#findNextDue()
  }

  snapshot() {
    return {
      subtask: { shape: this.#shape, watermark: this.#watermark } satisfies WindowState,
      keyGroups: windowsByKeyGroup(this.#open, this.#fired),
    }
  }

  processBatch(batch: RecordBatch, output: Output): void | Promise<void> {
    // Only after a restore can a window be due here.
    const wait = this.#nextDue <= this.#watermark ? emitEach(this.#fire(), output) : undefined
    return wait ? wait.then(() => this.#addBatch(batch, output)) : this.#addBatch(batch, output)
  }

  onWatermark(watermark: number, output: Output): void | Promise<void> {
    this.#watermark = Math.max(this.#watermark, watermark)
    if (this.#nextDue <= this.#watermark) return emitEach(this.#fire(), output)
  }

  /** The hot loop. Records mostly belong to the window of the one before: another is looked up only on a change. */
  #addBatch(batch: RecordBatch, output: Output): void | Promise<void> {
    const { values, timestamps } = batch
    const keys = batch.keys!
    const fold = this.#fold
    const corrections: Results = { values: [], timestamps: [] }
    let start = NaN
    let end = NaN
    let cells: WindowCells | undefined
    let index = 0
    while (index < values.length) {
      try {
        for (; index < values.length; index++) {
          const timestamp = timestamps[index]
          // True for NaN too: the first record always looks its window up.
          if (!(timestamp >= start && timestamp < end)) {
            start = this.#startOf(batch, index)
            end = start + this.#sizeMs
            cells = this.#admit(start)
          }
          if (cells === undefined) {
            this.#context.metrics.recordsLate++
            continue
          }
          const key = keys[index]
          let cell = cells.get(key)
          if (cell === undefined) {
            cell = fold.create()
            fold.add(cell, values[index])
            // Only now: a key whose first record is skipped has no state.
            cells.set(key, cell)
          } else fold.add(cell, values[index])
          if (end <= this.#watermark) this.#pushResult(corrections, key, cell, start)
        }
      } catch (thrown) {
        this.#context.failures.threw(thrown, { batch, index })
        index++
      }
    }
    if (corrections.values.length > 0) return output.emit(corrections)
  }

  #startOf({ timestamps }: RecordBatch, index: number): number {
    if (timestamps[index] === noTimestamp) throw new LightflusError('LF_RECORD_EVENT_TIME', 'the record has none.')
    return windowStart(timestamps[index], this.#sizeMs, this.#offsetMs)
  }

  /** The cells that a record of this window goes into, or undefined when it is late. */
  #admit(start: number): WindowCells | undefined {
    const end = start + this.#sizeMs
    if (end > this.#watermark) {
      this.#nextDue = Math.min(this.#nextDue, end)
      return cellsOf(this.#open, start)
    }
    if (end + this.#latenessMs <= this.#watermark) return undefined
    this.#nextDue = Math.min(this.#nextDue, end + this.#latenessMs)
    return cellsOf(this.#fired, start)
  }

  #pushResult(results: Results, key: Key, cell: Cell, start: number): void {
    const end = start + this.#sizeMs
    const result: Record<string, unknown> = { key, window: { start, end } }
    this.#fold.addResult(cell, result)
    results.values.push(result)
    results.timestamps.push(end - 1)
  }

  /** Emits and closes what the watermark has passed. Lazily, since a window may have more results than memory. */
  *#fire(): Generator<RecordBatch, void> {
    let results: Results = { values: [], timestamps: [] }
    for (const start of this.#startsBefore(this.#open, this.#watermark - this.#sizeMs)) {
      const cells = this.#open.get(start)!
      for (const [key, cell] of cells) {
        try {
          this.#pushResult(results, key, cell, start)
        } catch (thrown) {
          this.#context.failures.threw(thrown, { key, window: { start } })
        }
        if (results.values.length < emittedRecordsMax) continue
        yield results
        results = { values: [], timestamps: [] }
      }
      this.#open.delete(start)
      if (this.#latenessMs > 0) this.#keepFired(start, cells)
    }
    if (results.values.length > 0) yield results
    for (const start of this.#startsBefore(this.#fired, this.#watermark - this.#sizeMs - this.#latenessMs))
      this.#fired.delete(start)
    this.#findNextDue()
  }

  /** Only after a restore can there be fired cells of the same window already: those of other keys. */
  #keepFired(start: number, cells: WindowCells): void {
    const fired = this.#fired.get(start)
    if (fired === undefined) this.#fired.set(start, cells)
    else for (const [key, cell] of cells) fired.set(key, cell)
  }

  #startsBefore(table: WindowTable, last: number): number[] {
    return [...table.keys()].filter((start) => start <= last).sort((a, b) => a - b)
  }

  #findNextDue(): void {
    this.#nextDue = Infinity
    for (const start of this.#open.keys()) this.#nextDue = Math.min(this.#nextDue, start + this.#sizeMs)
    for (const start of this.#fired.keys())
      this.#nextDue = Math.min(this.#nextDue, start + this.#sizeMs + this.#latenessMs)
  }
}

interface Results {
  readonly values: unknown[]
  readonly timestamps: number[]
}
