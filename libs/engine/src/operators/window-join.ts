import type { JoinKind, Key, TimeWindower } from '@lightflus/api'
import type { OperatorRestore } from '../checkpoint/snapshot.ts'
import { minWatermark, noTimestamp, type RecordBatch } from '../record.ts'
import { keepsAlone, Pairs, type KeepsAlone } from './join/pairs.ts'
import { SidedWindows, type SidedWindow, type WindowColumns } from './join/sided-windows.ts'
import { TimeHeap } from './join/time-heap.ts'
import { emitEach, type Operator, type OperatorContext, type Output } from './operator.ts'
import { assertShape } from './restored-shape.ts'
import type { MeasuredOperator, StateSize } from './state-weight/reported-state.ts'
import { createAssigner, type WindowAssigner } from './window/assigner.ts'

interface WindowJoinOptions {
  readonly kind: JoinKind
  readonly windower: TimeWindower<unknown>
}

interface WindowJoinState {
  readonly shape: string
  readonly watermark: number
}

/** What it takes to know when a window ends. */
const windowDueBytes = 48

/**
 * Pairs the records of two streams that have one key and lie in one window of event time. Keeps the records of both sides
 * of every open window.
 *
 * - A record goes into each of its windows. One whose windows have all ended is late: dropped and counted.
 * - A watermark fires the windows that end at or before it, earliest first, and forgets them: every pair, and in an outer
 *   join each record whose window has none of the other side with null, with the event time `end - 1`.
 * - A snapshot holds the watermark and the windows by key group. Restored, it takes the greatest watermark of the old
 *   subtasks; windows of those that were behind fire before the first record.
 */
export function createWindowJoin(context: OperatorContext<'windowJoin'>): Operator {
  return new WindowJoin(context)
}

class WindowJoin implements MeasuredOperator {
  readonly #context: OperatorContext<'windowJoin'>
  readonly #assigner: WindowAssigner
  readonly #shape: string
  readonly #keepsAlone: KeepsAlone
  readonly #windows = new SidedWindows()
  readonly #due = new TimeHeap<{ readonly time: number; readonly window: SidedWindow }>()
  readonly #pairs: Pairs
  /** Start and end of each window of the record at hand. */
  readonly #bounds: number[] = []
  #watermark = minWatermark

  constructor(context: OperatorContext<'windowJoin'>) {
    const { kind, windower } = context.operator.node.options as unknown as WindowJoinOptions
    this.#context = context
    this.#assigner = createAssigner(windower, context.operator.functions.gap)
    this.#shape = `${kind} join in windows ${this.#assigner.shape}`
    this.#keepsAlone = keepsAlone(kind)
    this.#pairs = new Pairs(context)
  }

  restore({ subtasks, keyGroups }: OperatorRestore): void {
    for (const state of subtasks as WindowJoinState[]) {
      assertShape(this.#context, state.shape, this.#shape)
      this.#watermark = Math.max(this.#watermark, state.watermark)
    }
    for (const group of keyGroups.values())
      for (const window of this.#windows.put(group as WindowColumns)) this.#due.push({ time: window.end, window })
  }

  open(): void {}

  processBatch(batch: RecordBatch, output: Output, input: number): void | Promise<void> {
    // Only after a restore can a window be due here.
    const wait = this.#due.dueAt <= this.#watermark ? emitEach(this.#fire(), output) : undefined
    return wait ? wait.then(() => this.#addBatch(batch, input)) : this.#addBatch(batch, input)
  }

  onWatermark(watermark: number, output: Output): void | Promise<void> {
    this.#watermark = Math.max(this.#watermark, watermark)
    if (this.#due.dueAt <= this.#watermark) return emitEach(this.#fire(), output)
  }

  snapshot() {
    const subtask: WindowJoinState = { shape: this.#shape, watermark: this.#watermark }
    return { subtask, keyGroups: this.#windows.byKeyGroup() }
  }

  stateSize(): StateSize {
    return { entries: this.#windows.size, bytes: this.#windows.bytes + windowDueBytes * this.#due.size }
  }

  flush(): void {}
  endInput(): void {}
  close(): void {}

  #addBatch(batch: RecordBatch, input: number): void {
    const { failures } = this.#context
    for (let index = 0; index < batch.values.length; index++) {
      if (batch.timestamps[index] === noTimestamp) {
        failures.unusable('LF_RECORD_EVENT_TIME', 'the record has none.', { batch, index })
        continue
      }
      try {
        this.#add(batch, index, input)
      } catch (thrown) {
        failures.threw(thrown, { batch, index })
      }
    }
  }

  #add({ values, timestamps, keys }: RecordBatch, index: number, input: number): void {
    const row = values[index]
    const bounds = this.#bounds
    const count = this.#assigner.assign(timestamps[index], row, bounds)
    let isLate = count > 0
    for (let i = 0; i < count; i++) {
      const end = bounds[2 * i + 1]
      if (end <= this.#watermark && !this.#reachesOpen(keys![index], bounds[2 * i], end)) continue
      isLate = false
      this.#windowOf(keys![index], bounds[2 * i], end).add(input, row)
    }
    if (isLate) this.#context.metrics.recordsLate++
  }

  /** A session may reach into one that is open although it would itself have ended by now. */
  #reachesOpen(key: Key, start: number, end: number): boolean {
    return this.#assigner.isMerging && this.#windows.overlaps(key, start, end)
  }

  #windowOf(key: Key, start: number, end: number): SidedWindow {
    const { isMerging } = this.#assigner
    const { window, isNew } = isMerging ? this.#windows.merge(key, start, end) : this.#windows.windowOf(key, start, end)
    if (isNew) this.#due.push({ time: window.end, window })
    return window
  }

  *#fire(): Generator<RecordBatch, void> {
    while (this.#due.dueAt <= this.#watermark) {
      const { window } = this.#due.pop()
      if (!window.isOpen) continue
      this.#windows.close(window)
      yield* this.#pairsOf(window)
    }
    if (!this.#pairs.isEmpty) yield this.#pairs.take()
  }

  /** In pieces, since they may be more than memory holds. */
  *#pairsOf({ key, start, end, left, right }: SidedWindow): Generator<RecordBatch, void> {
    const window = { start, end }
    const lefts = left.length === 0 && this.#keepsAlone[1] ? [null] : left
    const rights = right.length === 0 && this.#keepsAlone[0] ? [null] : right
    for (const leftRow of lefts) {
      for (const rightRow of rights) {
        this.#pairs.insertOfWindow(leftRow, rightRow, key, window)
        if (this.#pairs.isFull) yield this.#pairs.take()
      }
    }
  }
}
