import type { JoinKind } from '@lightflus/api'
import type { OperatorRestore } from '../checkpoint/snapshot.ts'
import type { RecordBatch } from '../record.ts'
import { beginsUpdate, putsIn } from './changelog/change-kinds.ts'
import { keepsAlone, Pairs, type KeepsAlone, type Partner } from './join/pairs.ts'
import { noRow, noRows, RowTable, type RowColumns } from './join/row-table.ts'
import { finalResults } from './final-results.ts'
import { emitEach, type OperatorContext } from './operator.ts'
import type { FailedRecord } from './record-failures.ts'
import { assertShape } from './restored-shape.ts'
import type { MeasuredOperator, StateSize } from './state-weight/reported-state.ts'

interface JoinOptions {
  readonly kind: JoinKind
  readonly ttlMs: number | null
  /** Whether rows of either side may be taken back. */
  readonly inputs: readonly ('records' | 'changelog')[]
}

type KeyGroupRows = readonly [RowColumns, RowColumns]

/**
 * Pairs the rows of two streams that have one key, whenever they come, as a changelog. Keeps the rows of both sides, for
 * ever or for the time to live; a row that was forgotten finds no partners and takes nothing back.
 *
 * - A row that comes is paired with all of the other side. In an outer join it comes with null while there are none, and
 *   what stands beside null on the other side is taken back first. A row that goes does all that in reverse.
 * - An update of a row replaces it beside all its partners; pairs that stay as they are are not told.
 * - A change has the greater event time of the row that made it and of its partner.
 * - In a bounded job, a row without partner comes with null at the end of input, since one might still have come.
 * - A watermark passes through. The snapshot holds both sides by key group.
 */
export function createJoin(context: OperatorContext<'join'>): MeasuredOperator {
  const join = new Join(context)
  const showsAlone = context.operator.node.options['kind'] !== 'inner'
  return {
    restore: (restored) => join.restore(restored),
    open() {},
    processBatch: (batch, output, input) => emitEach(join.join(batch, input), output),
    ...finalResults(context.bounded && showsAlone, (output) => emitEach(join.finalRows(), output)),
    snapshot: () => join.snapshot(),
    stateSize: () => join.stateSize,
    flush() {},
    endInput() {},
    close() {},
  }
}

class Join {
  readonly #context: OperatorContext<'join'>
  readonly #shape: string
  readonly #ttlMs: number | null
  readonly #keepsAlone: KeepsAlone
  readonly #tables: readonly [RowTable, RowTable]
  readonly #pairs: Pairs

  constructor(context: OperatorContext<'join'>) {
    const { kind, ttlMs, inputs } = context.operator.node.options as unknown as JoinOptions
    this.#context = context
    this.#shape = `${kind} join of ${inputs.join(' and ')}`
    // What a bounded job says is final, however long it took to say it.
    this.#ttlMs = context.bounded ? null : ttlMs
    this.#keepsAlone = keepsAlone(kind)
    const table = (input: 'records' | 'changelog') =>
      new RowTable({ takesBack: input === 'changelog', forgets: this.#ttlMs !== null })
    this.#tables = [table(inputs[0]), table(inputs[1])]
    this.#pairs = new Pairs(context)
  }

  restore({ subtasks, keyGroups }: OperatorRestore): void {
    for (const state of subtasks) assertShape(this.#context, (state as { shape: string }).shape, this.#shape)
    const groups = [...keyGroups.values()] as KeyGroupRows[]
    this.#tables.forEach((table, input) => table.load(groups.map((group) => group[input])))
  }

  snapshot() {
    const keyGroups = new Map<number, KeyGroupRows>()
    this.#tables.forEach((table, input) =>
      table.save((keyGroup) => {
        const group = keyGroups.get(keyGroup) ?? [noRows(), noRows()]
        keyGroups.set(keyGroup, group)
        return group[input]
      }),
    )
    return { subtask: { shape: this.#shape }, keyGroups }
  }

  get stateSize(): StateSize {
    const [left, right] = this.#tables
    return { entries: left.size + right.size, bytes: left.bytes + right.bytes }
  }

  *join(batch: RecordBatch, input: number): Generator<RecordBatch, void> {
    const now = this.#context.host.clock.now()
    if (this.#ttlMs !== null) for (const table of this.#tables) table.forget(now - this.#ttlMs)
    for (let index = 0; index < batch.values.length; index++) {
      if (beginsUpdate(batch, index)) this.#isReplaced(batch, index++, input, now)
      else if (putsIn(batch.changes?.[index])) this.#comes(batch, index, input, now)
      else this.#goes(batch, index, input)
      if (this.#pairs.isFull) yield this.#pairs.take()
    }
    if (!this.#pairs.isEmpty) yield this.#pairs.take()
  }

  #comes(batch: RecordBatch, index: number, input: number, now: number): void {
    const key = batch.keys![index]
    const row = batch.values[index]
    const timestamp = batch.timestamps[index]
    const place = { batch, index }
    const others = this.#tables[1 - input]
    const first = others.first(key)
    const isFirst = this.#tables[input].add(key, row, timestamp, now, first === noRow)
    if (first === noRow) {
      if (this.#showsAlone(input)) this.#pairs.insert(input, row, null, timestamp, place)
      return
    }
    if (isFirst) this.#endLoneliness(first, 1 - input, timestamp, place)
    for (let id = first; id !== noRow; id = others.next(id, first))
      this.#pairs.insert(input, row, others.rowOf(id), Math.max(timestamp, others.timestampOf(id)), place)
  }

  /**
   * Rows that have got a partner are no more beside null. Some may not have been, where their partners were forgotten.
   * @param first of them, which are of one key.
   */
  #endLoneliness(first: number, input: number, timestamp: number, place: FailedRecord): void {
    const table = this.#tables[input]
    for (let id = first; id !== noRow; id = table.next(id, first)) {
      if (!table.isAlone(id)) continue
      table.setAlone(id, false)
      if (this.#showsAlone(input))
        this.#pairs.delete(input, table.rowOf(id), null, Math.max(timestamp, table.timestampOf(id)), place)
    }
  }

  #goes(batch: RecordBatch, index: number, input: number): void {
    const key = batch.keys![index]
    const timestamp = batch.timestamps[index]
    const place = { batch, index }
    const gone = this.#tables[input].takeBack(key, batch.values[index])
    if (gone === undefined) return
    const others = this.#tables[1 - input]
    const first = others.first(key)
    // Not alone and without partners: they were forgotten, and what they were in stays.
    if (first === noRow && gone.alone && this.#showsAlone(input))
      this.#pairs.delete(input, gone.row, null, timestamp, place)
    for (let id = first; id !== noRow; id = others.next(id, first))
      this.#pairs.delete(input, gone.row, others.rowOf(id), Math.max(timestamp, others.timestampOf(id)), place)
    if (this.#tables[input].first(key) !== noRow) return
    for (let id = first; id !== noRow; id = others.next(id, first)) {
      others.setAlone(id, true)
      if (this.#showsAlone(1 - input))
        this.#pairs.insert(1 - input, others.rowOf(id), null, Math.max(timestamp, others.timestampOf(id)), place)
    }
  }

  /** The record's row by that of the next: what stood beside it stands beside the other, and never alone. */
  #isReplaced(batch: RecordBatch, index: number, input: number, now: number): void {
    const key = batch.keys![index]
    const after = batch.values[index + 1]
    const timestamp = batch.timestamps[index + 1]
    const gone = this.#tables[input].takeBack(key, batch.values[index])
    const others = this.#tables[1 - input]
    const first = others.first(key)
    // Not alone and without partners: they were forgotten, and what they were in stays.
    if (gone === undefined || (first === noRow && !gone.alone)) return this.#comes(batch, index + 1, input, now)
    this.#tables[input].add(key, after, timestamp, now, gone.alone)
    const beside: Partner[] = first === noRow && this.#showsAlone(input) ? [{ row: null, timestamp }] : []
    for (let id = first; id !== noRow; id = others.next(id, first))
      beside.push({ row: others.rowOf(id), timestamp: Math.max(timestamp, others.timestampOf(id)) })
    this.#pairs.replace(input, gone.row, after, beside, { batch, index: index + 1 })
  }

  /** In a bounded job only at the end. */
  #showsAlone(input: number): boolean {
    return this.#keepsAlone[input] && !this.#context.bounded
  }

  *finalRows(): Generator<RecordBatch, void> {
    for (const input of [0, 1]) {
      if (!this.#keepsAlone[input]) continue
      const table = this.#tables[input]
      for (const [key, first] of table.firsts()) {
        for (let id = first; id !== noRow; id = table.next(id, first)) {
          if (table.isAlone(id)) this.#pairs.insert(input, table.rowOf(id), null, table.timestampOf(id), { key })
          if (this.#pairs.isFull) yield this.#pairs.take()
        }
      }
    }
    for (const table of this.#tables) table.clear()
    if (!this.#pairs.isEmpty) yield this.#pairs.take()
  }
}
