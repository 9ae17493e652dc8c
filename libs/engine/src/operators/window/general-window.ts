import { LightflusError, type Key } from '@lightflus/api'
import type { OperatorRestore } from '../../checkpoint/snapshot.ts'
import { maxWatermark, minWatermark, noTimestamp, type RecordBatch } from '../../record.ts'
import { selectRecords } from '../../record-batch.ts'
import type { Cell, Fold } from '../fold/fold.ts'
import { foldedState, takeCells, type FoldedState, type RestoredFold } from '../fold/restored-fold.ts'
import { emitEach, emittedRecordsMax, type OperatorContext, type Output } from '../operator.ts'
import type { FailedRecord } from '../record-failures.ts'
import type { MeasuredOperator, StateSize } from '../state-weight/reported-state.ts'
import { createTrigger, type CreatedTrigger } from '../trigger/create-trigger.ts'
import { fire, nothing, purge, type Decision } from '../trigger/trigger.ts'
import { createAssigner, type WindowAssigner } from './assigner.ts'
import { createCountWindow } from './count-window.ts'
import type { KeptWindow } from './kept-window.ts'
import { PaneResults } from './pane-results.ts'
import { paneOf } from './pane.ts'
import { windowFold, windowOptions, type WindowNodeOptions } from './window-options.ts'
import { WindowContents } from './window-contents.ts'
import { WindowStore, type KeyGroupKeptWindows } from './window-store.ts'
import { WindowTimers } from './window-timers.ts'

/**
 * Windows of every kind, with every trigger and relation of panes. Keeps for each window of each key that has records
 * one cell, what its trigger remembers, and where panes retract the result that holds.
 *
 * - A record goes into the cells of its windows; then the trigger is asked. Sessions that it joins become one. A record
 *   all whose windows have been closed is late: counted, and written to the side output where there is one.
 * - When the watermark reaches a window's end (for windows of processing time: the clock), its pane on time is due; when
 *   it reaches the end and the allowed lateness, what has not come out does, and the window is forgotten. The last
 *   watermark closes all windows. Windows are taken in the order of their ends.
 * - In a bounded job a window emits once, when it is closed: nothing earlier could be final.
 * - A snapshot holds watermark, clock and the windows by key group. Restored, it takes the greatest watermark and clock of
 *   the old subtasks; windows of those that were behind fire before the first record.
 */
export function createGeneralWindow(context: OperatorContext<'window'>): MeasuredOperator {
  const { windower } = windowOptions(context)
  if (windower.kind === 'count') return createCountWindow(context, windower)
  const window = new GeneralWindow(context, createAssigner(windower, context.operator.functions.gap))
  return {
    restore: (restored) => window.restore(restored),
    open() {},
    processBatch: (batch, output) => window.processBatch(batch, output),
    onWatermark: (watermark, output) => window.onWatermark(watermark, output),
    processingTimeDue: () => window.processingTimeDue(),
    onProcessingTime: (now, output) => window.onProcessingTime(now, output),
    snapshot: () => window.snapshot(),
    stateSize: () => window.stateSize,
    flush() {},
    endInput() {},
    close() {},
  }
}

interface WindowState extends FoldedState {
  readonly watermark: number
  readonly now: number
}

class GeneralWindow {
  readonly #context: OperatorContext<'window'>
  readonly #options: WindowNodeOptions
  readonly #assigner: WindowAssigner
  readonly #fold: Fold
  readonly #folded: RestoredFold
  readonly #trigger: CreatedTrigger
  readonly #store = new WindowStore()
  readonly #eventTimers = new WindowTimers('eventDue', (window) => this.#nextEventTime(window))
  readonly #processingTimers = new WindowTimers('processingDue', (window, time) =>
    this.#nextProcessingTime(window, time - 1),
  )
  readonly #results = new PaneResults()
  readonly #bounds: number[] = []
  readonly #targets: KeptWindow[] = []
  readonly #contents: WindowContents
  #watermark = minWatermark
  /** The clock when it was last looked at. It does not go back, or closed windows would come again. */
  #now = -Infinity

  constructor(context: OperatorContext<'window'>, assigner: WindowAssigner) {
    this.#context = context
    this.#options = windowOptions(context)
    this.#assigner = assigner
    this.#fold = windowFold(context)
    const { trigger, panes } = this.#options
    this.#trigger = createTrigger(context.bounded ? null : trigger, context.operator.functions.triggers ?? {}, {
      watermark: () => this.#watermark,
      now: () => this.#now,
    })
    this.#contents = new WindowContents(this.#fold, this.#trigger, this.#options.onError === 'skip')
    const parts = [assigner.shape, `${panes} panes`, this.#trigger.shape].filter((part) => part !== '')
    this.#folded = { context, fold: this.#fold, shapeWith: (fold) => [...parts, fold].join(', ') }
  }

  restore({ subtasks, keyGroups }: OperatorRestore): void {
    const take = takeCells(subtasks as WindowState[], this.#folded)
    for (const state of subtasks as WindowState[]) {
      this.#watermark = Math.max(this.#watermark, state.watermark)
      this.#now = Math.max(this.#now, state.now)
    }
    for (const group of keyGroups.values())
      for (const window of this.#store.put(group as KeyGroupKeptWindows, take)) this.#setTimers(window)
  }

  snapshot() {
    return {
      subtask: { ...foldedState(this.#folded), watermark: this.#watermark, now: this.#now } satisfies WindowState,
      keyGroups: this.#store.byKeyGroup(),
    }
  }

  get stateSize(): StateSize {
    return { entries: this.#store.size, bytes: this.#store.bytes }
  }

  processBatch(batch: RecordBatch, output: Output): void | Promise<void> {
    const late: number[] = []
    const wait = emitEach(this.#addBatch(batch, late), output)
    const { lateOutput } = this.#options
    if (late.length === 0 || lateOutput === null) return wait
    const { keys: _none, ...records } = selectRecords(batch, late)
    return wait ? wait.then(() => output.emitSide(lateOutput, records)) : output.emitSide(lateOutput, records)
  }

  onWatermark(watermark: number, output: Output): void | Promise<void> {
    this.#watermark = Math.max(this.#watermark, watermark)
    const isEnd = this.#watermark === maxWatermark
    if (isEnd || this.#eventTimers.next <= this.#watermark) return emitEach(this.#fireEventTime(isEnd), output)
  }

  processingTimeDue(): number {
    return this.#processingTimers.next
  }

  onProcessingTime(now: number, output: Output): void | Promise<void> {
    this.#now = Math.max(this.#now, now)
    return emitEach(this.#fireProcessingTime(), output)
  }

  /** @param late is given the indices of the late records. */
  *#addBatch(batch: RecordBatch, late: number[]): Generator<RecordBatch, void> {
    // Only after a restore can a window be due here.
    if (this.#eventTimers.next <= this.#watermark) yield* this.#fireEventTime(false)
    this.#now = Math.max(this.#now, this.#context.host.clock.now())
    for (let index = 0; index < batch.values.length; index++) {
      try {
        if (!this.#addRecord(batch, index)) {
          this.#context.metrics.recordsLate++
          late.push(index)
        }
      } catch (thrown) {
        this.#context.failures.threw(thrown, { batch, index })
      }
      if (this.#results.length >= emittedRecordsMax) yield this.#results.take()
    }
    if (this.#results.length > 0) yield this.#results.take()
  }

  /** @returns false where the record is late. */
  #addRecord({ values, timestamps, keys }: RecordBatch, index: number): boolean {
    const { time, isMerging } = this.#assigner
    const timestamp = timestamps[index]
    if (time === 'event' && timestamp === noTimestamp)
      throw new LightflusError('LF_RECORD_EVENT_TIME', 'the record has none.')
    const value = values[index]
    const bounds = this.#bounds
    const count = this.#assigner.assign(time === 'processing' ? this.#now : timestamp, value, bounds)
    if (isMerging) return this.#addToSession(keys![index], bounds[0], bounds[1], value, timestamp)
    const targets = this.#targets
    targets.length = 0
    for (let i = 0; i < count; i++) {
      const end = bounds[2 * i + 1]
      if (!this.#isClosed(end)) targets.push(this.#windowOf(keys![index], bounds[2 * i], end))
    }
    this.#contents.addToAll(targets, value, timestamp)
    for (const window of targets) this.#afterRecord(window, timestamp)
    return targets.length > 0 || count === 0
  }

  #windowOf(key: Key, start: number, end: number): KeptWindow {
    return this.#store.find(key, start) ?? this.#make(key, start, end)
  }

  #make(key: Key, start: number, end: number): KeptWindow {
    const { slots } = this.#trigger
    const remembered = slots.length === 0 ? noSlots : slots.map((slot) => slot.create())
    return this.#store.make(key, start, end, remembered)
  }

  /** The sessions that the record joins become one. */
  #addToSession(key: Key, start: number, end: number, value: unknown, timestamp: number): boolean {
    const parts = this.#store.overlapping(key, start, end)
    const last = parts.at(-1)
    const mergedEnd = last === undefined ? end : Math.max(end, last.end)
    if (this.#isClosed(mergedEnd)) return false
    const session = parts[0] ?? this.#make(key, start, end)
    const others = parts.length > 1 ? parts.slice(1) : noOthers
    const bounds = { start: Math.min(start, session.start), end: mergedEnd }
    this.#contents.addToMerged(session, others, bounds, value, timestamp)
    for (const other of others) {
      session.absorb(other)
      this.#forget(other)
    }
    // One that was past its end may have a later one now: then it is on time once more.
    if (parts.length > 0) session.isPastEnd = this.#isPast(mergedEnd)
    this.#afterRecord(session, timestamp)
    return true
  }

  #afterRecord(window: KeptWindow, timestamp: number): void {
    const isNew = !window.isKept
    if (isNew) {
      window.isPastEnd = this.#isPast(window.end)
      this.#store.keep(window)
    }
    window.noteRecord(timestamp, this.#now)
    const isFirst = window.paneRecords === 1
    this.#decide(window)
    // Otherwise nothing has changed that timers depend on: a session's later end is found when its earlier one is due.
    if (isNew || isFirst || this.#assigner.isMerging || this.#trigger.customs.length > 0) this.#setTimers(window)
    // Only of the program's own triggers: they may have asked for a time that has passed.
    if (window.eventDue <= this.#watermark) this.#atEventTime(window)
  }

  #setTimers(window: KeptWindow): void {
    this.#eventTimers.set(window, this.#nextEventTime(window))
    this.#processingTimers.set(window, this.#nextProcessingTime(window, this.#now))
  }

  #nextEventTime(window: KeptWindow): number {
    let next = this.#isOfClock ? Infinity : window.isPastEnd ? this.#closingOf(window.end) : this.#onTimeOf(window.end)
    for (const custom of this.#trigger.customs) next = Math.min(next, custom.eventDue(window))
    return next
  }

  /** @param after what triggers decided by then is known. */
  #nextProcessingTime(window: KeptWindow, after: number): number {
    let next = this.#trigger.root.dueAt(window, after)
    if (this.#isOfClock) next = Math.min(next, window.end)
    for (const custom of this.#trigger.customs) next = Math.min(next, custom.processingDue(window))
    return next
  }

  *#fireEventTime(isEnd: boolean): Generator<RecordBatch, void> {
    for (
      let window = this.#eventTimers.take(this.#watermark);
      window;
      window = this.#eventTimers.take(this.#watermark)
    ) {
      this.#atEventTime(window)
      if (this.#results.length >= emittedRecordsMax) yield this.#results.take()
    }
    if (isEnd) {
      // Windows of processing time: the clock will not bring them anything more.
      for (const window of [...this.#store.all()].sort((a, b) => a.end - b.end || a.order - b.order)) {
        this.#reachEnd(window)
        this.#close(window)
        if (this.#results.length >= emittedRecordsMax) yield this.#results.take()
      }
    }
    if (this.#results.length > 0) yield this.#results.take()
  }

  *#fireProcessingTime(): Generator<RecordBatch, void> {
    for (let window = this.#processingTimers.take(this.#now); window; window = this.#processingTimers.take(this.#now)) {
      this.#atProcessingTime(window)
      if (this.#results.length >= emittedRecordsMax) yield this.#results.take()
    }
    if (this.#results.length > 0) yield this.#results.take()
  }

  /** All that is due by the watermark: the end, the end of the allowed lateness, and between them what triggers asked for. */
  #atEventTime(window: KeptWindow): void {
    this.#eventTimers.drop(window)
    for (let due = this.#nextEventTime(window); due <= this.#watermark; due = this.#nextEventTime(window)) {
      if (this.#callBack(window, 'eventTime', due)) continue
      if (!window.isPastEnd) this.#reachEnd(window)
      else return this.#close(window)
    }
    this.#setTimers(window)
  }

  #atProcessingTime(window: KeptWindow): void {
    const next = () => this.#nextProcessingTime(window, this.#now)
    for (let due = next(); due <= this.#now; due = next()) {
      if (this.#callBack(window, 'processingTime', due)) continue
      this.#reachEnd(window)
      return this.#close(window)
    }
    this.#decide(window)
    this.#setTimers(window)
  }

  /** @returns whether one of the program's triggers had asked for this time. */
  #callBack(window: KeptWindow, kind: 'eventTime' | 'processingTime', due: number): boolean {
    let isAsked = false
    for (const custom of this.#trigger.customs) {
      if ((kind === 'eventTime' ? custom.eventDue(window) : custom.processingDue(window)) > due) continue
      isAsked = true
      try {
        if (kind === 'eventTime') custom.onEventTime(window, due)
        else custom.onProcessingTime(window, due)
      } catch (thrown) {
        this.#context.failures.threw(thrown, this.#described(window))
      }
    }
    if (isAsked) this.#decide(window)
    return isAsked
  }

  /** The window's time has reached its end. */
  #reachEnd(window: KeptWindow): void {
    window.isPastEnd = true
    window.isAtEnd = true
    // Whether more will come can be told, unless the program decides it.
    const isClosed = this.#isOfClock || this.#isClosed(window.end)
    window.isClosing = isClosed && this.#trigger.customs.length === 0
    this.#decide(window)
    window.isAtEnd = false
  }

  #close(window: KeptWindow): void {
    if (window.paneRecords > 0) {
      window.isClosing = true
      window.isAtEnd = this.#closingOf(window.end) === this.#onTimeOf(window.end)
      this.#endPane(window, fire)
    }
    this.#forget(window)
  }

  #forget(window: KeptWindow): void {
    this.#store.remove(window)
    this.#eventTimers.drop(window)
    this.#processingTimers.drop(window)
  }

  #decide(window: KeptWindow): void {
    const decision = this.#trigger.root.decide(window, this.#now)
    if (decision !== nothing) this.#endPane(window, decision)
  }

  #endPane(window: KeptWindow, decision: Decision): void {
    const { root, customs } = this.#trigger
    root.onPaneEnd(window, this.#now)
    for (const custom of customs) custom.onPaneEnd(window, this.#now)
    if (decision & fire && window.cell !== undefined) this.#emit(window, window.cell)
    window.beginPane()
    if (decision & purge || this.#options.panes === 'discarding') window.cell = undefined
  }

  #emit(window: KeptWindow, cell: Cell): void {
    const { keyed, panes } = this.#options
    const { key, start, end, isAtEnd, isPastEnd } = window
    const hasBounds = this.#assigner.time !== null
    const result: Record<string, unknown> = keyed ? { key } : {}
    if (hasBounds) result.window = { start, end }
    result.pane = paneOf(isAtEnd ? 'onTime' : isPastEnd ? 'late' : 'early', window.panes, window.isClosing)
    try {
      this.#fold.addResult(cell, result)
    } catch (thrown) {
      return this.#context.failures.threw(thrown, this.#described(window))
    }
    window.panes++
    const timestamp = hasBounds ? end - 1 : window.greatestTimestamp
    if (panes !== 'retracting') return this.#results.add(result, timestamp)
    this.#results.replace(window.emitted, result, timestamp)
    window.emitted = [{ value: result, timestamp }]
  }

  #described({ key, start }: KeptWindow): FailedRecord {
    if (!this.#options.keyed) return undefined
    return this.#assigner.time === null ? { key } : { key, window: { start } }
  }

  get #isOfClock(): boolean {
    return this.#assigner.time === 'processing'
  }

  /** When the pane on time is due, by the window's time. */
  #onTimeOf(end: number): number {
    return this.#context.bounded ? this.#closingOf(end) : end
  }

  #closingOf(end: number): number {
    return Math.min(end + this.#options.allowedLatenessMs, maxWatermark)
  }

  #isPast(end: number): boolean {
    return this.#isOfClock ? end <= this.#now : this.#onTimeOf(end) <= this.#watermark
  }

  /** Whether a window with this end takes no records any more. */
  #isClosed(end: number): boolean {
    return !this.#isOfClock && this.#closingOf(end) <= this.#watermark
  }
}

const noSlots: unknown[] = []
const noOthers: readonly KeptWindow[] = []
