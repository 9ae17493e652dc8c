import type { JoinKind, Key } from '@lightflus/api'
import type { OperatorRestore } from '../checkpoint/snapshot.ts'
import { minWatermark, noTimestamp, type RecordBatch } from '../record.ts'
import { keepsAlone, Pairs, type KeepsAlone } from './join/pairs.ts'
import {
  dropFirst,
  emptyBuffer,
  firstAtLeast,
  noBuffers,
  putRecord,
  saveBuffers,
  weighBuffer,
  type BufferColumns,
  type TimeBuffer,
} from './join/time-buffer.ts'
import { TimeHeap } from './join/time-heap.ts'
import { emitEach, type Operator, type OperatorContext, type Output } from './operator.ts'
import { assertShape } from './restored-shape.ts'
import type { MeasuredOperator, StateSize } from './state-weight/reported-state.ts'
import { StateWeight } from './state-weight/state-weight.ts'

interface IntervalJoinOptions {
  readonly kind: JoinKind
  readonly fromMs: number
  readonly toMs: number
}

interface IntervalJoinState {
  readonly shape: string
  readonly watermark: number
}

type KeyGroupBuffers = readonly [BufferColumns, BufferColumns]

/**
 * Pairs each record with those of the other stream that have its key and an event time around its own. Keeps the records
 * of both sides, sorted by time, until the watermark says that no partner can come any more.
 *
 * - A record is paired at once with the partners that are there, with the greater event time of the two. One behind the
 *   watermark is late: dropped and counted.
 * - A watermark drops what is done with. In an outer join, what had no partner is emitted with null then, with the last
 *   event time that a partner could have had, or its own if that is greater: so it is not late for what follows.
 * - A snapshot holds the watermark, and both sides by key group. Restored, it takes the greatest watermark of the old
 *   subtasks; what is due by then is dropped before the first record.
 */
export function createIntervalJoin(context: OperatorContext<'intervalJoin'>): Operator {
  return new IntervalJoin(context)
}

class IntervalJoin implements MeasuredOperator {
  readonly #context: OperatorContext<'intervalJoin'>
  readonly #shape: string
  readonly #keepsAlone: KeepsAlone
  /** How much later than a record of that input the earliest and the latest of its partners may be; may be negative. */
  readonly #first: readonly [number, number]
  readonly #last: readonly [number, number]
  readonly #buffers: readonly [Map<Key, TimeBuffer>, Map<Key, TimeBuffer>] = [new Map(), new Map()]
  readonly #due = new TimeHeap<{ readonly time: number; readonly input: number; readonly buffer: TimeBuffer }>()
  readonly #pairs: Pairs
  /** Records of both sides. */
  #records = 0
  readonly #weights = this.#buffers.map((buffers) => new StateWeight(() => buffers.values(), weighBuffer))
  #watermark = minWatermark

  constructor(context: OperatorContext<'intervalJoin'>) {
    const { kind, fromMs, toMs } = context.operator.node.options as unknown as IntervalJoinOptions
    this.#context = context
    this.#shape = `${kind} join from ${fromMs} to ${toMs} ms`
    this.#keepsAlone = keepsAlone(kind)
    this.#first = [fromMs, -toMs]
    this.#last = [toMs, -fromMs]
    this.#pairs = new Pairs(context)
  }

  restore({ subtasks, keyGroups }: OperatorRestore): void {
    for (const state of subtasks as IntervalJoinState[]) {
      assertShape(this.#context, state.shape, this.#shape)
      this.#watermark = Math.max(this.#watermark, state.watermark)
    }
    for (const group of keyGroups.values() as Iterable<KeyGroupBuffers>)
      group.forEach(({ keys, times, rows, marked }, input) => {
        for (let i = 0; i < keys.length; i++) this.#keep(input, keys[i], times[i], rows[i], marked[i])
      })
  }

  open(): void {}

  processBatch(batch: RecordBatch, output: Output, input: number): void | Promise<void> {
    return emitEach(this.#join(batch, input), output)
  }

  onWatermark(watermark: number, output: Output): void | Promise<void> {
    this.#watermark = Math.max(this.#watermark, watermark)
    if (this.#due.dueAt <= this.#watermark) return emitEach(this.#drop(), output)
  }

  snapshot() {
    const keyGroups = new Map<number, KeyGroupBuffers>()
    this.#buffers.forEach((buffers, input) =>
      saveBuffers(buffers.values(), (keyGroup) => {
        const group = keyGroups.get(keyGroup) ?? [noBuffers(), noBuffers()]
        keyGroups.set(keyGroup, group)
        return group[input]
      }),
    )
    const subtask: IntervalJoinState = { shape: this.#shape, watermark: this.#watermark }
    return { subtask, keyGroups }
  }

  stateSize(): StateSize {
    const bytes = this.#weights.map((weight, input) => weight.bytes(this.#buffers[input].size))
    return { entries: this.#records, bytes: bytes[0] + bytes[1] }
  }

  flush(): void {}
  endInput(): void {}
  close(): void {}

  *#join(batch: RecordBatch, input: number): Generator<RecordBatch, void> {
    // Only after a restore can something be due here.
    if (this.#due.dueAt <= this.#watermark) yield* this.#drop()
    const { metrics, failures } = this.#context
    for (let index = 0; index < batch.values.length; index++) {
      const time = batch.timestamps[index]
      if (time === noTimestamp) failures.unusable('LF_RECORD_EVENT_TIME', 'the record has none.', { batch, index })
      else if (time < this.#watermark) metrics.recordsLate++
      else this.#take(batch, index, input)
      if (this.#pairs.isFull) yield this.#pairs.take()
    }
    if (!this.#pairs.isEmpty) yield this.#pairs.take()
  }

  #take(batch: RecordBatch, index: number, input: number): void {
    const key = batch.keys![index]
    const row = batch.values[index]
    const time = batch.timestamps[index]
    const place = { batch, index }
    const others = this.#buffers[1 - input].get(key)
    const latest = time + this.#last[input]
    let isMatched = false
    if (others) {
      const { times, rows, marked } = others
      for (let i = firstAtLeast(times, time + this.#first[input]); i < times.length && times[i] <= latest; i++) {
        isMatched = true
        marked[i] = true
        this.#pairs.insert(input, row, rows[i], Math.max(time, times[i]), place)
      }
    }
    if (latest >= this.#watermark) this.#keep(input, key, time, row, isMatched)
    else if (!isMatched && this.#keepsAlone[input]) this.#pairs.insert(input, row, null, time, place)
  }

  #keep(input: number, key: Key, time: number, row: unknown, isMatched: boolean): void {
    const buffers = this.#buffers[input]
    let buffer = buffers.get(key)
    if (buffer === undefined) buffers.set(key, (buffer = emptyBuffer(key)))
    putRecord(buffer, time, row, isMatched)
    this.#records++
    this.#arm(input, buffer)
  }

  /** Lets the buffer be looked at when no partner of its first record can come any more. */
  #arm(input: number, buffer: TimeBuffer): void {
    const time = buffer.times[0] + this.#last[input] + 1
    if (time >= buffer.armedAt) return
    buffer.armedAt = time
    this.#due.push({ time, input, buffer })
  }

  *#drop(): Generator<RecordBatch, void> {
    while (this.#due.dueAt <= this.#watermark) {
      const { time, input, buffer } = this.#due.pop()
      // An earlier record came after this call-back was asked for, and asked for its own.
      if (time !== buffer.armedAt) continue
      const done = firstAtLeast(buffer.times, this.#watermark - this.#last[input])
      if (this.#keepsAlone[input]) {
        for (let i = 0; i < done; i++) {
          if (!buffer.marked[i]) this.#emitAlone(input, buffer, i)
          if (this.#pairs.isFull) yield this.#pairs.take()
        }
      }
      dropFirst(buffer, done)
      this.#records -= done
      buffer.armedAt = Infinity
      if (buffer.times.length > 0) this.#arm(input, buffer)
      else this.#buffers[input].delete(buffer.key)
    }
    if (!this.#pairs.isEmpty) yield this.#pairs.take()
  }

  #emitAlone(input: number, { key, times, rows }: TimeBuffer, index: number): void {
    const timestamp = times[index] + Math.max(0, this.#last[input])
    this.#pairs.insert(input, rows[index], null, timestamp, { key })
  }
}
