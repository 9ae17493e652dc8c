import type { Key } from '@lightflus/api'
import type { OperatorRestore } from '../checkpoint/snapshot.ts'
import { keyGroupOf } from '../key-group.ts'
import { minWatermark, noTimestamp, type RecordBatch } from '../record.ts'
import { putsIn } from './changelog/change-kinds.ts'
import { Pairs } from './join/pairs.ts'
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
import { weigh } from './state-weight/weigh.ts'

interface TemporalJoinState {
  readonly shape: string
  readonly watermark: number
}

/** A left record until its time's version is known for sure. */
interface Waiting {
  readonly time: number
  readonly key: Key
  readonly row: unknown
}

interface KeyGroupVersions {
  readonly waiting: { readonly keys: Key[]; readonly times: number[]; readonly rows: unknown[] }
  readonly versions: BufferColumns
}

/**
 * Each left record with the version of its key that was valid at its event time: the newest right record that is not
 * later, and of several of one time the one that came last. In a changelog a row that is taken back ends its version.
 *
 * - A left record waits until the watermark has passed its time, since an older version may still come. Then it is
 *   emitted, in the order of event time, with its own event time. One behind the watermark is late: dropped and counted.
 * - Of each key's versions the newest that is not behind the watermark's time is kept for ever, and all later ones. A
 *   version that comes behind the watermark still counts for what comes after it; one older than what is kept is late.
 * - A snapshot holds the watermark, and by key group what waits and the versions. Restored, it takes the greatest
 *   watermark of the old subtasks; what is due by then is emitted before the first record.
 */
export function createTemporalJoin(context: OperatorContext<'temporalJoin'>): Operator {
  return new TemporalJoin(context)
}

class TemporalJoin implements MeasuredOperator {
  readonly #context: OperatorContext<'temporalJoin'>
  readonly #kind: 'inner' | 'left'
  readonly #waiting = new TimeHeap<Waiting>()
  readonly #versions = new Map<Key, TimeBuffer>()
  /** Keys with several versions, at the time of the second: from then on the first is of no use. */
  readonly #superseded = new TimeHeap<{ readonly time: number; readonly versions: TimeBuffer }>()
  readonly #pairs: Pairs
  /** Versions of all keys. */
  #kept = 0
  readonly #waitingWeight = new StateWeight(() => this.#waiting.all(), weighWaiting, 'rows')
  readonly #versionsWeight = new StateWeight(() => this.#versions.values(), weighBuffer)
  #watermark = minWatermark

  constructor(context: OperatorContext<'temporalJoin'>) {
    this.#context = context
    this.#kind = context.operator.node.options['kind'] as 'inner' | 'left'
    this.#pairs = new Pairs(context)
  }

  restore({ subtasks, keyGroups }: OperatorRestore): void {
    for (const state of subtasks as TemporalJoinState[]) {
      assertShape(this.#context, state.shape, this.#shape)
      this.#watermark = Math.max(this.#watermark, state.watermark)
    }
    for (const { waiting, versions } of keyGroups.values() as Iterable<KeyGroupVersions>) {
      for (let i = 0; i < waiting.keys.length; i++)
        this.#waiting.push({ time: waiting.times[i], key: waiting.keys[i], row: waiting.rows[i] })
      // All of them for now: a subtask that was behind may have records waiting for those that are old by now.
      for (let i = 0; i < versions.keys.length; i++)
        this.#arm(this.#putVersion(versions.keys[i], versions.times[i], versions.rows[i], versions.marked[i]))
    }
  }

  open(): void {}

  processBatch(batch: RecordBatch, output: Output, input: number): void | Promise<void> {
    // Only after a restore can something be due here.
    const wait = this.#isDue ? emitEach(this.#advance(), output) : undefined
    return wait ? wait.then(() => this.#takeBatch(batch, input)) : this.#takeBatch(batch, input)
  }

  onWatermark(watermark: number, output: Output): void | Promise<void> {
    this.#watermark = Math.max(this.#watermark, watermark)
    if (this.#isDue) return emitEach(this.#advance(), output)
  }

  snapshot() {
    const keyGroups = new Map<number, KeyGroupVersions>()
    const groupOf = (keyGroup: number): KeyGroupVersions => {
      let group = keyGroups.get(keyGroup)
      if (group === undefined)
        keyGroups.set(keyGroup, (group = { waiting: { keys: [], times: [], rows: [] }, versions: noBuffers() }))
      return group
    }
    for (const { key, time, row } of this.#waiting.inOrder()) {
      const { waiting } = groupOf(keyGroupOf(key))
      waiting.keys.push(key)
      waiting.times.push(time)
      waiting.rows.push(row)
    }
    saveBuffers(this.#versions.values(), (keyGroup) => groupOf(keyGroup).versions)
    const subtask: TemporalJoinState = { shape: this.#shape, watermark: this.#watermark }
    return { subtask, keyGroups }
  }

  stateSize(): StateSize {
    const waiting = this.#waitingWeight.bytes(this.#waiting.size)
    const versions = this.#versionsWeight.bytes(this.#versions.size)
    return { entries: this.#waiting.size + this.#kept, bytes: waiting + versions }
  }

  flush(): void {}
  endInput(): void {}
  close(): void {}

  get #shape(): string {
    return 'temporal join'
  }

  get #isDue(): boolean {
    return this.#waiting.dueAt < this.#watermark || this.#superseded.dueAt <= this.#watermark
  }

  #takeBatch(batch: RecordBatch, input: number): void {
    const { metrics, failures } = this.#context
    const { values, timestamps, changes } = batch
    const keys = batch.keys!
    for (let index = 0; index < values.length; index++) {
      const time = timestamps[index]
      if (time === noTimestamp) failures.unusable('LF_RECORD_EVENT_TIME', 'the record has none.', { batch, index })
      else if (input === 1) {
        const isEnd = !putsIn(changes?.[index])
        if (!this.#addVersion(keys[index], time, isEnd ? null : values[index], isEnd)) metrics.recordsLate++
      } else if (time < this.#watermark) metrics.recordsLate++
      else this.#waiting.push({ time, key: keys[index], row: values[index] })
    }
  }

  /** @returns false where no left record could ever see it. */
  #addVersion(key: Key, time: number, row: unknown, isEnd: boolean): boolean {
    const oldest = this.#versions.get(key)?.times[0] ?? Infinity
    if (time < oldest && oldest <= this.#watermark) return false
    this.#dropOld(this.#putVersion(key, time, row, isEnd))
    return true
  }

  /** @param isEnd from that time on there is no version. */
  #putVersion(key: Key, time: number, row: unknown, isEnd: boolean): TimeBuffer {
    let versions = this.#versions.get(key)
    if (versions === undefined) this.#versions.set(key, (versions = emptyBuffer(key)))
    putRecord(versions, time, row, isEnd)
    this.#kept++
    return versions
  }

  *#advance(): Generator<RecordBatch, void> {
    while (this.#waiting.dueAt < this.#watermark) {
      this.#emit(this.#waiting.pop())
      if (this.#pairs.isFull) yield this.#pairs.take()
    }
    while (this.#superseded.dueAt <= this.#watermark) {
      const { time, versions } = this.#superseded.pop()
      // Otherwise an earlier version came after this call-back was asked for, and asked for its own.
      if (time !== versions.armedAt) continue
      versions.armedAt = Infinity
      this.#dropOld(versions)
    }
    if (!this.#pairs.isEmpty) yield this.#pairs.take()
  }

  #emit({ key, time, row }: Waiting): void {
    const versions = this.#versions.get(key)
    const newest = versions ? firstAtLeast(versions.times, time + 1) - 1 : -1
    const isValid = newest >= 0 && !versions!.marked[newest]
    if (isValid) this.#pairs.insert(0, row, versions!.rows[newest], time, { key })
    else if (this.#kind === 'left') this.#pairs.insert(0, row, null, time, { key })
  }

  /** No left record before the watermark will come, and none before it waits when this is called. */
  #dropOld(versions: TimeBuffer): void {
    const { times } = versions
    const needed = firstAtLeast(times, this.#watermark + 1) - 1
    if (needed > 0) this.#drop(versions, needed)
    // That there is none any more need not be remembered.
    if (times[0] <= this.#watermark && versions.marked[0]) this.#drop(versions, 1)
    if (times.length === 0) this.#versions.delete(versions.key)
    else this.#arm(versions)
  }

  #drop(versions: TimeBuffer, count: number): void {
    dropFirst(versions, count)
    this.#kept -= count
  }

  #arm(versions: TimeBuffer): void {
    const { times } = versions
    if (times.length < 2 || times[1] >= versions.armedAt) return
    versions.armedAt = times[1]
    this.#superseded.push({ time: times[1], versions })
  }
}

/** About what a record takes until its version is known. */
function weighWaiting({ row }: Waiting): number {
  return 72 + weigh(row)
}
