import type { Key, RankedBy } from '@lightflus/api'
import type { OperatorRestore } from '../checkpoint/snapshot.ts'
import type { RecordBatch } from '../record.ts'
import { beginsUpdate, putsIn } from './changelog/change-kinds.ts'
import { Results } from './changelog/results.ts'
import { equalRows } from './changelog/row-equality.ts'
import { finalResults } from './final-results.ts'
import { emitEach, type OperatorContext } from './operator.ts'
import { typeOf } from './record-failures.ts'
import { assertShape } from './restored-shape.ts'
import type { MeasuredOperator, StateSize } from './state-weight/reported-state.ts'
import { insertAt, isRankedBy, placeFor, placeOf, type Order } from './top-n/ranking.ts'
import { Rankings, type KeyGroupRankings } from './top-n/rankings.ts'

interface TopNOptions {
  readonly n: number
  readonly order: Order
  readonly input: 'records' | 'changelog'
}

/**
 * The best `n` rows of each key with their rank, `{ key, rank, value }`, as a changelog: for each record the ranks whose
 * row becomes another one, with the record's event time. In a bounded job the ranks come once, at the end of input, with
 * their rows' event times. Keeps `n` rows of each key for ever; over a changelog all rows, since one that goes lets those
 * behind it move up. A watermark passes through. The snapshot holds the rows by key group, in their order.
 */
export function createTopN(context: OperatorContext<'topN'>): MeasuredOperator {
  const topN = new TopN(context)
  return {
    restore: (restored) => topN.restore(restored),
    open() {},
    processBatch: (batch, output) => emitEach(topN.rank(batch), output),
    ...finalResults(context.bounded, (output) => emitEach(topN.finalRanks(), output)),
    snapshot: () => topN.snapshot(),
    freeze: () => topN.freeze(),
    stateSize: () => topN.stateSize,
    flush() {},
    endInput() {},
    close() {},
  }
}

class TopN {
  readonly #context: OperatorContext<'topN'>
  readonly #options: TopNOptions
  readonly #rankings = new Rankings()
  readonly #results = new Results()
  /** Only one half of an update has been taken so far. */
  #isReplacing = false
  /** Of all rankings. */
  #rows = 0
  /** Ranks that a row changes, while they are told. */
  readonly #changed: number[] = []

  constructor(context: OperatorContext<'topN'>) {
    this.#context = context
    this.#options = context.operator.node.options as unknown as TopNOptions
  }

  restore({ subtasks, keyGroups }: OperatorRestore): void {
    for (const state of subtasks) assertShape(this.#context, (state as { shape: string }).shape, this.#shape)
    for (const { keys, rankings } of keyGroups.values() as Iterable<KeyGroupRankings>)
      for (let i = 0; i < keys.length; i++) {
        const { rows, ranks, timestamps } = rankings[i]
        this.#rankings.add(keys[i], rows, ranks, timestamps)
        this.#rows += rows.length
      }
  }

  snapshot() {
    return { subtask: { shape: this.#shape }, keyGroups: this.#rankings.snapshot() }
  }

  freeze() {
    return { subtask: { shape: this.#shape }, keyGroups: this.#rankings.freeze() }
  }

  get stateSize(): StateSize {
    return { entries: this.#rows, bytes: this.#rankings.bytes }
  }

  /** Whether changes are told now: a bounded job tells what holds in the end, and an update its two halves at once. */
  get #tells(): boolean {
    return !this.#context.bounded && !this.#isReplacing
  }

  get #shape(): string {
    const { n, order, input } = this.#options
    return `top ${n} ${order} of ${input}`
  }

  *rank(batch: RecordBatch): Generator<RecordBatch, void> {
    for (let index = 0; index < batch.values.length; index++) {
      if (beginsUpdate(batch, index)) this.#replace(batch, index++)
      else this.#take(batch, index)
      if (this.#results.isFull) yield this.#results.take()
    }
    if (!this.#results.isEmpty) yield this.#results.take()
  }

  /** The record's row by that of the next: its key's ranks change once. */
  #replace(batch: RecordBatch, index: number): void {
    const { n } = this.#options
    const key = batch.keys![index]
    const before = this.#rankings.get(key)?.rows.slice(0, n) ?? []
    this.#isReplacing = true
    this.#take(batch, index)
    this.#take(batch, index + 1)
    this.#isReplacing = false
    const after = this.#rankings.get(key)?.rows.slice(0, n) ?? []
    this.#emitChanged(key, 0, before, after, batch.timestamps[index + 1])
  }

  #take(batch: RecordBatch, index: number): void {
    const { failures, operator } = this.#context
    try {
      const rank: unknown = operator.functions.by(batch.values[index])
      if (isRankedBy(rank)) return this.#change(batch, index, rank)
      const what = `'by' returned ${typeOf(rank)}, not a number, a text or an array of them.`
      failures.unusable('LF_USER_RESULT', what, { batch, index })
    } catch (thrown) {
      failures.threw(thrown, { batch, index })
    }
  }

  #change({ values, timestamps, keys, changes }: RecordBatch, index: number, rank: RankedBy): void {
    const key = keys![index]
    const row = values[index]
    if (putsIn(changes?.[index])) this.#putIn(key, row, rank, timestamps[index])
    else this.#takeBack(key, row, rank, timestamps[index])
  }

  #putIn(key: Key, row: unknown, rank: RankedBy, timestamp: number): void {
    const { n, order, input } = this.#options
    const ranking = this.#rankings.get(key)
    if (ranking === undefined) {
      // Lists of just one: most rankings of many keys are short, and V8 gives what grows from nothing room for 17.
      this.#rankings.add(key, [row], [rank], [timestamp])
      this.#rows++
      if (this.#tells) this.#results.insert({ key, rank: 1, value: row }, timestamp)
      return
    }
    const place = placeFor(ranking, rank, order)
    // Where nothing is ever taken back, what is beyond the last rank cannot move up again.
    const lengthMax = input === 'records' ? n : Infinity
    if (place >= lengthMax) return
    if (place < n && this.#tells) this.#emitInserted(key, ranking.rows, place, row, timestamp)
    if (ranking.rows.length < lengthMax) this.#rows++
    const { rows, ranks, timestamps } = this.#rankings.change(key)
    insertAt(rows, place, row, lengthMax)
    insertAt(ranks, place, rank, lengthMax)
    insertAt(timestamps, place, timestamp, lengthMax)
  }

  #takeBack(key: Key, row: unknown, rank: RankedBy, timestamp: number): void {
    const { n, order } = this.#options
    const ranking = this.#rankings.get(key)
    const place = ranking ? placeOf(ranking, row, rank, order) : -1
    if (ranking === undefined || place < 0) return
    const before = ranking.rows.slice(place, n)
    const { rows, ranks, timestamps } = this.#rankings.change(key)
    rows.splice(place, 1)
    ranks.splice(place, 1)
    timestamps.splice(place, 1)
    this.#rows--
    this.#emitChanged(key, place, before, rows.slice(place, n), timestamp)
    if (rows.length === 0) this.#rankings.delete(key)
  }

  /**
   * Tells which ranks have other rows now. Where they are several, all former rows go before the new ones come: a row
   * that only moved would otherwise be gone in the end from a sink that knows it by itself and not by its rank.
   * @param first place of the first of these rows, counted from 0.
   */
  #emitChanged(key: Key, first: number, before: readonly unknown[], after: readonly unknown[], timestamp: number) {
    if (!this.#tells) return
    const changed: number[] = []
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      if (i >= before.length || i >= after.length || !equalRows(before[i], after[i])) changed.push(i)
    const ranked = (rows: readonly unknown[], i: number) => ({ key, rank: first + i + 1, value: rows[i] })
    const [only] = changed
    if (changed.length === 1 && only < before.length && only < after.length)
      return this.#results.update(ranked(before, only), ranked(after, only), timestamp)
    for (const i of changed) if (i < before.length) this.#results.delete(ranked(before, i), timestamp)
    for (const i of changed) if (i < after.length) this.#results.insert(ranked(after, i), timestamp)
  }

  /** The same for a row that comes, without lists of what was and what is. @param rows before it is in. */
  #emitInserted(key: Key, rows: readonly unknown[], place: number, row: unknown, timestamp: number): void {
    const { n } = this.#options
    const results = this.#results
    const at = (i: number) => (i === place ? row : rows[i - 1])
    const changed = this.#changed
    changed.length = 0
    const ranks = Math.min(rows.length, n)
    for (let i = place; i < ranks; i++) if (!equalRows(rows[i], at(i))) changed.push(i)
    const grows = rows.length < n
    if (changed.length === 1 && !grows) {
      const [only] = changed
      const rank = only + 1
      return results.update({ key, rank, value: rows[only] }, { key, rank, value: at(only) }, timestamp)
    }
    for (const i of changed) results.delete({ key, rank: i + 1, value: rows[i] }, timestamp)
    for (const i of changed) results.insert({ key, rank: i + 1, value: at(i) }, timestamp)
    if (grows) results.insert({ key, rank: rows.length + 1, value: at(rows.length) }, timestamp)
  }

  *finalRanks(): Generator<RecordBatch, void> {
    const { n } = this.#options
    for (const [key, { rows, timestamps }] of this.#rankings.entries()) {
      for (let i = 0; i < Math.min(rows.length, n); i++)
        this.#results.insert({ key, rank: i + 1, value: rows[i] }, timestamps[i])
      if (this.#results.isFull) yield this.#results.take()
    }
    this.#rankings.clear()
    this.#rows = 0
    if (!this.#results.isEmpty) yield this.#results.take()
  }
}
