import { LightflusError, type Key, type SlidingWindower, type TimeWindow, type TumblingWindower } from '@lightflus/api'
import type { OperatorRestore } from '../../checkpoint/snapshot.ts'
import { keyGroupOf } from '../../key-group.ts'
import { maxWatermark, minWatermark, noTimestamp, type RecordBatch } from '../../record.ts'
import { selectRecords } from '../../record-batch.ts'
import type { ColumnFold } from '../../state-table/column-fold.ts'
import type { Cell, Fold } from '../fold/fold.ts'
import { foldedState, takeCells, type RestoredFold, type TakeCell } from '../fold/restored-fold.ts'
import { emitEach, emittedRecordsMax, type OperatorContext, type Output } from '../operator.ts'
import { CorrectedPanes } from './corrected-panes.ts'
import { windowsOfKey } from './key-windows.ts'
import { PaneResults, resultMaker } from './pane-results.ts'
import { paneOf } from './pane.ts'
import type { SlidingSlices } from './queued-slices.ts'
import { createSlidingSlices } from './running-slices.ts'
import { addRun, type SliceCells } from './slice-cells.ts'
import { joinPartial } from './slice-partials.ts'
import { restoredSlices, slicedShapes, type SlicedParts, type SlicedState } from './slice-snapshot.ts'
import { SliceTable, weighTables } from './slice-table.ts'
import { createSlices, windowOf, type Slices } from './slices.ts'
import { windowColumns, windowFold, windowOptions, type WindowNodeOptions } from './window-options.ts'

/** State is weighed with every so many batches: where slices are many, that takes a while. */
const batchesWeighed = 8

/**
 * Tumbling and sliding windows of event time that fire when the watermark reaches their end, and tumbling ones of
 * processing time, where the clock stands in for both. Keeps one cell for each key
 * and slice that has records: a slice is what windows have in common, so a record is folded once, in however many windows
 * it lies. See {@link createSlices} and {@link SlidingSlices}.
 *
 * - A record goes into the cell of its key and slice. One that belongs to windows that have fired, but is not later than
 *   the allowed lateness, emits their corrected results at once. One that is too late for all its windows is counted, and
 *   written to the side output where there is one.
 * - A watermark fires the windows that end at or before it, earliest first: `{ key, window, pane, ...results }` for each
 *   key, with the event time `end - 1`. A slice is forgotten when its last window is behind by the allowed lateness.
 * - In a bounded job a window fires once, when the watermark has reached its end and the allowed lateness.
 * - Records are joined in the order of their slices, and in that of their arrival within one: a reduce that is associative
 *   sees them so.
 * - A snapshot holds the watermark and the cells by key group. Restored, it takes the greatest watermark of the old
 *   subtasks; windows of those that were behind fire before the first record.
 */
export class SlicedWindow {
  readonly #context: OperatorContext<'window'>
  readonly #options: WindowNodeOptions
  readonly #sizeMs: number
  readonly #slideMs: number
  readonly #slices: Slices
  readonly #fold: Fold
  /** Where cells are in columns. */
  readonly #columns: ColumnFold | undefined
  readonly #folded: RestoredFold
  /** Whether windows have slices in common. */
  readonly #overlaps: boolean
  /** How long after it has fired a window takes late records. */
  readonly #latenessMs: number
  readonly #results = new PaneResults()
  readonly #resultOf: ReturnType<typeof resultMaker>
  /** Slices of which no window has fired. */
  readonly #open: SliceTable
  /** Slices of which a window has fired, and which later windows or late records still need. */
  readonly #settled: SliceTable
  /** Where windows overlap. */
  readonly #sliding: SlidingSlices
  readonly #corrected = new CorrectedPanes()
  /** After a restore, until the first call: key groups of subtasks that were behind, and what they had fired by. */
  readonly #behind = new Map<number, number>()
  readonly #failed = (thrown: unknown, batch: RecordBatch, index: number): void =>
    this.#context.failures.threw(thrown, { batch, index })
  /** Whether the columns know the numbers of the present batch. */
  #areEvaluated = false
  #batches = 0
  /** Windows of processing time: what the clock shows stands in for event times and watermarks. */
  readonly isOfClock: boolean
  #watermark = minWatermark
  /** Windows that end by then have fired, or are about to. */
  #firedBy = minWatermark
  /** Nothing fires or is forgotten before `#firedBy` reaches it. */
  nextDue = Infinity

  constructor(context: OperatorContext<'window'>, windower: TumblingWindower | SlidingWindower) {
    const { kind, sizeMs, offsetMs, time } = windower
    const slideMs = kind === 'sliding' ? windower.slideMs : sizeMs
    this.#context = context
    this.#options = windowOptions(context)
    this.#sizeMs = sizeMs
    this.#slideMs = slideMs
    this.#slices = createSlices(sizeMs, slideMs, offsetMs)
    this.#overlaps = slideMs < sizeMs
    this.isOfClock = time === 'processing'
    this.#latenessMs = context.bounded || this.isOfClock ? 0 : this.#options.allowedLatenessMs
    this.#fold = windowFold(context)
    this.#resultOf = resultMaker(this.#options, `job ${context.job}, ${context.operator.node.id}`)
    const columns = windowColumns(context)
    this.#columns = columns
    this.#open = new SliceTable(columns)
    this.#settled = new SliceTable(columns)
    this.#sliding = createSlidingSlices(this.#fold, columns, windower)
    this.#folded = { context, fold: this.#fold, ...slicedShapes(windower, this.#options.panes, this.#fold) }
  }

  restore({ subtasks, keyGroups }: OperatorRestore): void {
    const take = takeCells(subtasks as SlicedState[], this.#folded)
    // Another machine's clock may be behind.
    if (!this.isOfClock) for (const { watermark } of subtasks as SlicedState[]) this.#advance(watermark)
    for (const [keyGroup, group] of keyGroups) this.#put(keyGroup, restoredSlices(group), take)
    for (const start of this.#settled.starts)
      if (this.#slices.lastWindowEnd(start) > this.#firedBy) this.#sliding.push(start, this.#settled.get(start)!)
    this.#findNextDue()
  }

  get state(): SlicedParts {
    return {
      subtask: {
        ...foldedState(this.#folded),
        watermark: this.isOfClock ? minWatermark : this.#watermark,
        sizeMs: this.#sizeMs,
        slideMs: this.#slideMs,
      },
      tables: [this.#settled, this.#open],
      columns: this.#columns,
      corrected: this.#corrected,
      firedBy: (keyGroup) => (this.isOfClock ? minWatermark : (this.#behind.get(keyGroup) ?? this.#firedBy)),
    }
  }

  processBatch(batch: RecordBatch, output: Output): void | Promise<void> {
    const late: number[] = []
    // Only after a restore can a window be due here.
    const caughtUp = this.#behind.size > 0 ? emitEach(this.#fire(this.#firedBy), output) : undefined
    const add = () => (batch.counts ? this.#addPartials(batch) : this.#addBatch(batch, 0, late, output))
    const added = caughtUp ? caughtUp.then(add) : add()
    if (this.#batches++ % batchesWeighed === 0) this.#weigh()
    return added ? added.then(() => this.#emitLate(batch, late, output)) : this.#emitLate(batch, late, output)
  }

  #weigh(): void {
    const { entries, bytes } = weighTables([this.#open, this.#settled])
    this.#context.state.report(entries, bytes)
  }

  /** Windows of the clock are left for the last watermark only, which closes all. */
  onWatermark(watermark: number, output: Output): void | Promise<void> {
    if (!this.isOfClock || watermark === maxWatermark) return this.reach(watermark, output)
  }

  reach(watermark: number, output: Output): void | Promise<void> {
    const firedBy = this.#firedBy
    this.#advance(watermark)
    if (this.nextDue <= this.#firedBy || this.#behind.size > 0) return emitEach(this.#fire(firedBy), output)
  }

  #advance(watermark: number): void {
    if (watermark <= this.#watermark) return
    this.#watermark = watermark
    // In a bounded job a result is final: what is late for it has come by then.
    const isDelayed = this.#context.bounded && !this.isOfClock
    const delayMs = isDelayed && watermark !== maxWatermark ? this.#options.allowedLatenessMs : 0
    this.#firedBy = Math.max(this.#firedBy, watermark - delayMs)
  }

  #put(keyGroup: number, group: ReturnType<typeof restoredSlices>, take: TakeCell): void {
    if (group.firedBy < this.#firedBy) this.#behind.set(keyGroup, group.firedBy)
    group.starts.forEach((start, i) => {
      const key = group.keys[i]
      const table = this.#isSettled(start) ? this.#settled : this.#open
      table.cellsOf(start).set(key, take(group.cells[i], key))
    })
    group.correctedEnds.forEach((end, i) => this.#corrected.set(end, group.correctedKeys[i], group.correctedPanes[i]))
  }

  #isSettled(start: number): boolean {
    return this.#slices.windowEndFrom(this.#slices.endOf(start)) <= this.#firedBy
  }

  #addBatch(batch: RecordBatch, from: number, late: number[], output: Output): void | Promise<void> {
    let index = from
    while (index < batch.values.length) {
      index = this.#addUntilFull(batch, index, late)
      const wait = this.#results.length > 0 ? output.emit(this.#results.take()) : undefined
      if (wait) return wait.then(() => this.#addBatch(batch, index, late, output))
    }
  }

  /** @returns where to go on: behind the batch, unless corrections have to be emitted first. */
  #addUntilFull(batch: RecordBatch, from: number, late: number[]): number {
    const timestamps = this.isOfClock ? this.#clockTimes(batch) : batch.timestamps
    if (from === 0) this.#areEvaluated = this.#columns?.evaluate(batch.values) ?? false
    let index = from
    while (index < timestamps.length) {
      try {
        while (index < timestamps.length) {
          const start = this.#startOf(timestamps[index])
          const end = this.#slices.endOf(start)
          const isSettled = this.#isSettled(start)
          const cells = this.#cellsFor(start, isSettled)
          // Records mostly belong to the slice of the one before.
          let to = index + 1
          while (to < timestamps.length && timestamps[to] >= start && timestamps[to] < end) to++
          if (cells === undefined) {
            if (this.#slices.isHeld(start)) for (let i = index; i < to; i++) late.push(i)
            index = to
          } else if (isSettled) {
            this.#addLate(batch, index, start, cells)
            // Only now: a record that fails is skipped below.
            index++
            if (this.#results.length >= emittedRecordsMax) return index
          } else {
            const run = { batch, from: index, to }
            addRun(this.#fold, cells, run, this.#areEvaluated, this.#failed)
            index = to
          }
        }
      } catch (thrown) {
        this.#failed(thrown, batch, index++)
      }
    }
    return index
  }

  /** The clock's time for every record. It does not go back, or windows that have fired would come again. */
  #clockTimes({ values }: RecordBatch): readonly number[] {
    return new Array<number>(values.length).fill(Math.max(this.#context.host.clock.now(), this.#watermark))
  }

  #startOf(timestamp: number): number {
    if (timestamp === noTimestamp) throw new LightflusError('LF_RECORD_EVENT_TIME', 'the record has none.')
    return this.#slices.startOf(timestamp)
  }

  /** The cells that a record of this slice goes into, or undefined where it is late or lies between all windows. */
  #cellsFor(start: number, isSettled: boolean): SliceCells | undefined {
    if (!this.#slices.isHeld(start)) return undefined
    if (!isSettled) {
      this.nextDue = Math.min(this.nextDue, this.#slices.windowEndFrom(this.#slices.endOf(start)))
      return this.#open.cellsOf(start)
    }
    const forgottenBy = this.#slices.lastWindowEnd(start) + this.#latenessMs
    if (forgottenBy <= this.#firedBy) return undefined
    this.nextDue = Math.min(this.nextDue, forgottenBy)
    return this.#settled.cellsOf(start)
  }

  #emitLate(batch: RecordBatch, late: readonly number[], output: Output): void | Promise<void> {
    this.#context.metrics.recordsLate += late.length
    const { lateOutput } = this.#options
    if (late.length === 0 || lateOutput === null) return
    const { keys: _none, ...records } = selectRecords(batch, late)
    return output.emitSide(lateOutput, records)
  }

  /** A record of a slice of which windows have fired: those that still take it emit again. */
  #addLate({ keys, values }: RecordBatch, index: number, start: number, cells: SliceCells): void {
    const key = keys![index]
    const before = cells.get(key)
    const cell = cells.get(key) ?? this.#fold.create()
    this.#fold.add(cell, values[index])
    cells.set(key, cell)
    this.#settledChanged(start, cells, key, before)
    if (this.#latenessMs === 0) return
    const lastEnd = this.#slices.lastWindowEnd(start)
    const firstTaking = this.#slices.windowEndAfter(this.#firedBy - this.#latenessMs)
    const firstEnd = Math.max(this.#slices.windowEndFrom(this.#slices.endOf(start)), firstTaking)
    for (const [end, queue] of this.#windowsOf(key, firstEnd, Math.min(lastEnd, this.#firedBy))) {
      // What came on time has made a pane that is counted nowhere.
      const panes = this.#corrected.get(end, key) ?? (before === undefined && queue.length === 1 ? 0 : 1)
      if (this.#addResult(key, windowOf(end, this.#sizeMs), queue.join(), panes, true))
        this.#corrected.set(end, key, panes + 1)
    }
  }

  /** The cell of a slice of which windows have fired. */
  #settledChanged(start: number, cells: SliceCells, key: Key, before: Cell | undefined): void {
    if (this.#slices.lastWindowEnd(start) <= this.#firedBy) return
    this.#sliding.update(start, cells, key, before)
    this.nextDue = Math.min(this.nextDue, this.#slices.windowEndAfter(this.#firedBy))
  }

  /** The records of a partial result lie in one slice: they are late together, or not at all. */
  #addPartials({ values, timestamps, keys, counts }: RecordBatch): void {
    for (let i = 0; i < values.length; i++) {
      const start = this.#slices.startOf(timestamps[i])
      const cells = this.#cellsFor(start, this.#isSettled(start))
      if (cells === undefined) this.#context.metrics.recordsLate += counts![i]
      else this.#addPartial(start, cells, keys![i], values[i])
    }
  }

  #addPartial(start: number, cells: SliceCells, key: Key, partial: unknown): void {
    const isSettled = this.#isSettled(start)
    const before = isSettled ? cells.get(key) : undefined
    try {
      joinPartial(this.#fold, cells, key, partial)
      if (isSettled) this.#settledChanged(start, cells, key, before)
    } catch (thrown) {
      this.#context.failures.threw(thrown, this.#options.keyed ? { key, window: { start } } : undefined)
    }
  }

  #windowsOf = (key: Key, firstEnd: number, lastEnd: number) =>
    windowsOfKey(key, this.#settled, this.#slices, this.#fold, firstEnd, lastEnd)

  /** @returns whether there is one: a function of the program may throw. */
  #addResult(key: Key, window: TimeWindow, cell: Cell, panes: number, isLate: boolean): boolean {
    const isLast = !isLate && window.end + this.#latenessMs <= this.#firedBy
    const pane = paneOf(isLate ? 'late' : 'onTime', panes, isLast)
    const result = this.#resultOf(key, window, pane)
    try {
      this.#fold.addResult(cell, result)
    } catch (thrown) {
      this.#context.failures.threw(thrown, this.#options.keyed ? { key, window } : undefined)
      return false
    }
    this.#results.add(result, window.end - 1)
    return true
  }

  /**
   * Emits what the watermark has passed. Lazily, since a window may have more results than memory.
   * @param firedBy windows that end by then have fired before.
   */
  *#fire(firedBy: number): Generator<RecordBatch, void> {
    if (this.#behind.size > 0) yield* this.#catchUp(firedBy)
    yield* this.#overlaps ? this.#fireOverlapping(firedBy) : this.#fireApart()
    if (this.#results.length > 0) yield this.#results.take()
    this.#forget()
    this.#findNextDue()
    this.#weigh()
  }

  /** Every slice is a window. */
  *#fireApart(): Generator<RecordBatch, void> {
    for (let start = this.#open.firstStart; start + this.#sizeMs <= this.#firedBy; start = this.#open.firstStart) {
      const window = windowOf(start + this.#sizeMs, this.#sizeMs)
      const cells = this.#open.get(start)!
      for (const [key, cell] of cells) {
        this.#addResult(key, window, cell, 0, false)
        if (this.#results.length >= emittedRecordsMax) yield this.#results.take()
      }
      this.#open.shift()
      if (this.#latenessMs > 0) this.#settled.put(start, cells)
    }
  }

  *#fireOverlapping(firedBy: number): Generator<RecordBatch, void> {
    for (let end = this.#windowEndAfter(firedBy); end <= this.#firedBy; end = this.#windowEndAfter(end)) {
      this.#settle(end)
      const window = windowOf(end, this.#sizeMs)
      for (const [key, cell] of this.#sliding.window(window.start)) {
        this.#addResult(key, window, cell, 0, false)
        if (this.#results.length >= emittedRecordsMax) yield this.#results.take()
      }
      this.#sliding.dropBefore(window.start + this.#slideMs)
    }
  }

  /** The next one that has records; Infinity where there is none. */
  #windowEndAfter(time: number): number {
    if (!this.#sliding.isEmpty) return this.#slices.windowEndAfter(time)
    const { firstStart } = this.#open
    return firstStart === Infinity ? Infinity : this.#slices.windowEndFrom(this.#slices.endOf(firstStart))
  }

  /** The slices that this window is the first to hold. */
  #settle(windowEnd: number): void {
    for (let start = this.#open.firstStart; start < windowEnd; start = this.#open.firstStart) {
      const cells = this.#open.shift()
      this.#sliding.push(start, cells)
      this.#settled.put(start, cells)
    }
  }

  /** After a restore: fires for keys of subtasks that were behind what the others had fired. */
  *#catchUp(lastEnd: number): Generator<RecordBatch, void> {
    const keys = new Set(this.#settled.starts.flatMap((start) => [...this.#settled.get(start)!.keys()]))
    for (const key of keys) {
      const firedBy = this.#behind.get(keyGroupOf(key))
      if (firedBy === undefined) continue
      for (const [end, queue] of this.#windowsOf(key, this.#slices.windowEndAfter(firedBy), lastEnd)) {
        this.#addResult(key, windowOf(end, this.#sizeMs), queue.join(), 0, false)
        if (this.#results.length >= emittedRecordsMax) yield this.#results.take()
      }
    }
    this.#behind.clear()
  }

  /** Lets go of what no window and no late record needs any more. */
  #forget(): void {
    const lastEnd = this.#firedBy - this.#latenessMs
    while (this.#settled.firstStart !== Infinity && this.#slices.lastWindowEnd(this.#settled.firstStart) <= lastEnd)
      this.#settled.shift()
    this.#corrected.forget(lastEnd)
  }

  #findNextDue(): void {
    const { firstStart } = this.#settled
    const forgottenBy = firstStart === Infinity ? Infinity : this.#slices.lastWindowEnd(firstStart) + this.#latenessMs
    this.nextDue = Math.min(this.#windowEndAfter(this.#firedBy), forgottenBy)
  }
}
