import type { CountWindower, Key } from '@lightflus/api'
import type { OperatorRestore } from '../../checkpoint/snapshot.ts'
import { keyGroupOf } from '../../key-group.ts'
import { maxWatermark, noTimestamp, type RecordBatch } from '../../record.ts'
import { weighCell, type Cell, type Fold } from '../fold/fold.ts'
import { foldedState, takeCells, type FoldedState, type RestoredFold } from '../fold/restored-fold.ts'
import { emitEach, emittedRecordsMax, type OperatorContext } from '../operator.ts'
import type { MeasuredOperator, StateSize } from '../state-weight/reported-state.ts'
import { StateWeight } from '../state-weight/state-weight.ts'
import { weigh } from '../state-weight/weigh.ts'
import { onlyPane } from './pane.ts'
import { PaneResults } from './pane-results.ts'
import { windowFold, windowOptions } from './window-options.ts'

/** Windows of one key that have not fired, oldest first; they begin `slide` records one after the other. */
interface CountedKey {
  /** Records so far. */
  seen: number
  readonly cells: Cell[]
  /** Greatest event time of each cell. */
  readonly greatestTimestamps: number[]
}

/** One key group's keys in a snapshot: columns of one length. */
interface KeyGroupCounts {
  readonly keys: Key[]
  readonly counted: CountedKey[]
}

/** About what a key takes, its place in the map included. */
function weighCounted([key, { cells, greatestTimestamps }]: [Key, CountedKey]): number {
  let bytes = 136 + weigh(key) + weigh(greatestTimestamps)
  // Many windows overlap only where few records are between them: all are about alike.
  const weighed = cells.slice(0, 4)
  for (const cell of weighed) bytes += (weighCell(cell) * cells.length) / weighed.length
  return bytes
}

/**
 * Windows of so many records of a key. Keeps as many cells of each key as windows overlap. A record goes into all of
 * them; after every `slide` records the oldest window fires, with the last `size` records or all there are. The last
 * watermark fires those that have records which no result holds yet, so that none is lost. No record is late. A
 * snapshot holds the cells by key group.
 */
export function createCountWindow(context: OperatorContext<'window'>, windower: CountWindower): MeasuredOperator {
  const window = new CountWindow(context, windower)
  return {
    restore: (restored) => window.restore(restored),
    open() {},
    processBatch: (batch, output) => emitEach(window.addBatch(batch), output),
    onWatermark(watermark, output) {
      if (watermark === maxWatermark) return emitEach(window.fireRest(), output)
    },
    snapshot: () => window.snapshot(),
    stateSize: () => window.stateSize,
    flush() {},
    endInput() {},
    close() {},
  }
}

class CountWindow {
  readonly #context: OperatorContext<'window'>
  readonly #size: number
  readonly #slide: number
  readonly #isKeyed: boolean
  /** Where a record goes into several cells and may be skipped, copies are changed first. */
  readonly #isUndone: boolean
  readonly #fold: Fold
  readonly #folded: RestoredFold
  readonly #byKey = new Map<Key, CountedKey>()
  readonly #weight = new StateWeight(() => this.#byKey.entries(), weighCounted)
  readonly #results = new PaneResults()

  constructor(context: OperatorContext<'window'>, { size, slide }: CountWindower) {
    const { keyed, onError } = windowOptions(context)
    this.#context = context
    this.#size = size
    this.#slide = slide
    this.#isKeyed = keyed
    this.#isUndone = onError === 'skip' && slide < size
    this.#fold = windowFold(context)
    this.#folded = { context, fold: this.#fold, shapeWith: (fold) => `count ${size}/${slide}, ${fold}` }
  }

  restore({ subtasks, keyGroups }: OperatorRestore): void {
    const take = takeCells(subtasks as FoldedState[], this.#folded)
    for (const group of keyGroups.values()) {
      const { keys, counted } = group as KeyGroupCounts
      keys.forEach((key, i) => {
        const cells = counted[i].cells.map((cell) => take(cell, key))
        this.#byKey.set(key, { ...counted[i], cells })
      })
    }
  }

  snapshot() {
    const keyGroups = new Map<number, KeyGroupCounts>()
    for (const [key, counted] of this.#byKey) {
      const keyGroup = keyGroupOf(key)
      let group = keyGroups.get(keyGroup)
      if (group === undefined) keyGroups.set(keyGroup, (group = { keys: [], counted: [] }))
      group.keys.push(key)
      group.counted.push(counted)
    }
    return { subtask: foldedState(this.#folded), keyGroups }
  }

  get stateSize(): StateSize {
    const { size } = this.#byKey
    return { entries: size, bytes: this.#weight.bytes(size) }
  }

  *addBatch(batch: RecordBatch): Generator<RecordBatch, void> {
    const { values, timestamps } = batch
    for (let index = 0; index < values.length; index++) {
      try {
        this.#add(batch.keys![index], values[index], timestamps[index])
      } catch (thrown) {
        this.#context.failures.threw(thrown, { batch, index })
      }
    }
    if (this.#results.length > 0) yield this.#results.take()
  }

  *fireRest(): Generator<RecordBatch, void> {
    for (const [key, counted] of this.#byKey) {
      if (counted.seen % this.#slide !== 0) this.#fire(key, counted)
      if (this.#results.length >= emittedRecordsMax) yield this.#results.take()
    }
    this.#byKey.clear()
    if (this.#results.length > 0) yield this.#results.take()
  }

  #add(key: Key, value: unknown, timestamp: number): void {
    const counted = this.#byKey.get(key) ?? { seen: 0, cells: [], greatestTimestamps: [] }
    const { seen, cells, greatestTimestamps } = counted
    // Window number n ends before record (n + 1) * slide, and so holds this one if it ends less than `size` after it.
    const first = Math.floor(seen / this.#slide)
    const last = Math.floor((seen + this.#size - this.#slide) / this.#slide)
    const next = this.#isUndone ? structuredClone(cells) : cells
    for (let i = 0; i <= last - first; i++) {
      const cell = i < next.length ? next[i] : this.#fold.create()
      this.#fold.add(cell, value)
      next[i] = cell
    }
    for (let i = 0; i < next.length; i++) {
      cells[i] = next[i]
      greatestTimestamps[i] = Math.max(greatestTimestamps[i] ?? noTimestamp, timestamp)
    }
    counted.seen++
    this.#byKey.set(key, counted)
    if (counted.seen % this.#slide === 0) this.#fire(key, counted)
    if (cells.length === 0) this.#byKey.delete(key)
  }

  #fire(key: Key, { cells, greatestTimestamps }: CountedKey): void {
    const cell = cells.shift()!
    const timestamp = greatestTimestamps.shift()!
    const result: Record<string, unknown> = this.#isKeyed ? { key, pane: onlyPane } : { pane: onlyPane }
    try {
      this.#fold.addResult(cell, result)
    } catch (thrown) {
      return this.#context.failures.threw(thrown, this.#isKeyed ? { key } : undefined)
    }
    this.#results.add(result, timestamp)
  }
}
