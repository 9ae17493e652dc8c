import { LightflusError, toLightflusError } from '@lightflus/api'
import { snapshotFormatVersion, type OperatorSnapshot, type SubtaskSnapshot } from '../checkpoint/snapshot.ts'
import type { SourceBatch } from '../connector.ts'
import { keyGroupOf, subtaskOfKeyGroup } from '../key-group.ts'
import { callLocated } from '../operators/error-place.ts'
import type { Source } from '../operators/source/source.ts'
import { subtaskId, type Chain } from '../plan/plan.ts'
import { maxWatermark, type Barrier } from '../record.ts'
import { buildChain } from './build-chain.ts'
import { CommittingSinks } from './committing-sinks.ts'
import { InputGate, type GateElement } from './input-gate.ts'
import type { OperatorMetrics } from './metrics.ts'
import type { RunningChain } from './running-chain.ts'
import type { Subtask, SubtaskOptions, SubtaskOutcome } from './subtask-options.ts'
import { WakeSignal } from './wake-signal.ts'

const batchRecordsMaxDefault = 1_024
/** How long a reader that had nothing is left alone, unless it wakes the subtask: also how finely idleness is told. */
const pollPauseMs = 50
/** How long a source that is too far ahead of those it is aligned with waits before it looks at them again. */
const heldPauseMs = 20
/** The longest that hosts' timers can wait: what is due later is waited for in several steps. */
const timerMsMax = 2 ** 31 - 1

/**
 * @throws LF_PROGRAM_OPTION, LF_CONNECTION_MISSING and the like where the chain's operators cannot be made.
 */
export function createSubtask(options: SubtaskOptions): Subtask {
  return new ChainSubtask(options)
}

/** Notes from the coordinator that the loop picks up between two batches, in their order. */
type Note = { readonly barrier: Barrier } | { readonly completed: number } | 'drain'

class ChainSubtask implements Subtask {
  readonly #options: SubtaskOptions
  readonly #chainPlan: Chain
  readonly #chain: RunningChain
  readonly #source: Source | undefined
  readonly #gate: InputGate | undefined
  readonly #wake = new WakeSignal()
  readonly #notes: Note[] = []
  readonly #sinks: CommittingSinks
  /** The newest checkpoint whose barrier has come. */
  #barrier: number
  /** The source's watermark has not been published yet. */
  #holdsWatermark = false

  constructor(options: SubtaskOptions) {
    this.#options = options
    this.#chainPlan = chainOf(options)
    const { chain, source, sinks } = buildChain(options, this.#chainPlan, this.#wake.raise)
    this.#chain = chain
    const { checkpoints, signal, onCommitted } = options
    const first = checkpoints?.first ?? 1
    this.#barrier = first - 1
    this.#sinks = new CommittingSinks({
      sinks,
      first,
      signal,
      wake: this.#wake.raise,
      onCommitted: (checkpoint) => onCommitted?.(checkpoint),
    })
    this.#source = source
    this.#gate = source ? undefined : new InputGate(options.inputs, options.attempt, this.#wake.raise, this.#elapsed)
  }

  get metrics(): readonly OperatorMetrics[] {
    return this.#chain.metrics
  }

  triggerCheckpoint(barrier: Barrier): void {
    this.#note({ barrier })
  }

  checkpointCompleted(checkpoint: number): void {
    this.#sinks.completed(checkpoint)
    if (this.#source) this.#note({ completed: checkpoint })
  }

  checkpointAborted(checkpoint: number): void {
    this.#sinks.aborted(checkpoint)
  }

  drain(): void {
    this.#note('drain')
  }

  async run(): Promise<SubtaskOutcome> {
    const { signal, onFinished, onOpened, checkpoints } = this.#options
    signal.addEventListener('abort', this.#wake.raise)
    try {
      await this.#chain.open(this.#options.restore)
      onOpened?.()
      const outcome = checkpoints?.endsOnceCommitted ? 'stopped' : await this.#runToEnd()
      const left = outcome === 'finished' ? this.#snapshot(this.#chain.snapshot(undefined)) : undefined
      const leavesOutput = this.#sinks.hasPrepared
      if (left && leavesOutput) onFinished(left)
      while (!this.#sinks.isSettled && !signal.aborted) await this.#forSinks()
      if (outcome === 'cancelled' || signal.aborted) {
        await this.#closeQuietly()
        return 'cancelled'
      }
      await this.#chain.close()
      // Only now: a sink that cannot be closed may not have written all.
      if (left && !leavesOutput) onFinished(left)
      return outcome
    } catch (thrown) {
      await this.#closeQuietly()
      if (signal.aborted) return 'cancelled'
      throw toLightflusError(
        thrown,
        'LF_OPERATOR_FAILED',
        `Job ${this.#options.plan.job}, ${this.#name}: ${String(thrown)}`,
      )
    } finally {
      signal.removeEventListener('abort', this.#wake.raise)
    }
  }

  readonly #elapsed = (): number => {
    const { elapsed, clock } = this.#options.host
    return elapsed ? elapsed() : clock.now()
  }

  #runToEnd(): Promise<SubtaskOutcome> {
    return this.#source ? this.#runSource(this.#source) : this.#runGate(this.#gate!)
  }

  async #runSource(source: Source): Promise<SubtaskOutcome> {
    await this.#publishWatermark(source)
    for (;;) {
      if (this.#options.signal.aborted) return 'cancelled'
      this.#sinks.assertWell()
      if ((await this.#handleNotes(source)) === 'stopped') return 'stopped'
      await this.#callBack()
      if (this.#chain.isBlocked) await this.#waitFor(undefined)
      else if (this.#holdsWatermark) await this.#publishWatermark(source)
      else if (source.ended) break
      else if (source.isHeld()) await this.#waitFor(heldPauseMs)
      else await this.#pollOnce(source)
    }
    source.end()
    await this.#chain.watermark(maxWatermark, false)
    return this.#endInput()
  }

  async #handleNotes(source: Source): Promise<'stopped' | undefined> {
    for (let note = this.#notes.shift(); note !== undefined; note = this.#notes.shift()) {
      if (note === 'drain') source.end()
      else if ('completed' in note) source.checkpointCompleted(note.completed)
      else {
        await this.#checkpoint(note.barrier, 0)
        if (note.barrier.final) return 'stopped'
      }
    }
  }

  async #pollOnce(source: Source): Promise<void> {
    const { host, batchRecordsMax = batchRecordsMaxDefault } = this.#options
    const askedAt = host.clock.now()
    const read = await callLocated(this.#rootPlace, () => source.poll(batchRecordsMax))
    if (read === undefined) {
      if (source.observe()) await this.#publishWatermark(source)
      if (source.ended) return
      // A reader that has waited itself is asked again at once.
      if (host.clock.now() - askedAt < pollPauseMs / 2)
        return this.#waitFor(source.mustBeAsked ? pollPauseMs : undefined)
      return host.yieldToHost()
    }
    await this.#processRead(source, read)
    await host.yieldToHost()
  }

  async #processRead(source: Source, read: SourceBatch): Promise<void> {
    // Before the records: those downstream must not go on without this source.
    if (source.wakes(read)) await this.#publishWatermark(source)
    let from = 0
    do {
      const { batch, next } = source.take(read, from)
      from = next
      const wait = this.#chain.process(batch, 0)
      if (wait) await wait
    } while (from < read.payloads.length)
    if (source.observe()) await this.#publishWatermark(source)
  }

  /** Unless an operator holds records, which a watermark must not overtake: then once it has let them go. */
  #publishWatermark({ watermark, idle }: Source): Promise<void> | undefined {
    this.#holdsWatermark = this.#chain.isBlocked
    return this.#holdsWatermark ? undefined : this.#chain.watermark(watermark, idle)
  }

  async #runGate(gate: InputGate): Promise<SubtaskOutcome> {
    const { host, signal } = this.#options
    for (;;) {
      if (signal.aborted) return 'cancelled'
      this.#sinks.assertWell()
      await this.#callBack()
      const element = this.#chain.isBlocked ? undefined : gate.next()
      if (element === undefined) await this.#waitFor(undefined)
      else if (element.kind === 'batch') {
        this.#assertOwned(element)
        const wait = this.#chain.process(element.batch, element.input)
        if (wait) await wait
        await host.yieldToHost()
      } else if (element.kind === 'watermark') await this.#chain.watermark(element.timestamp, element.idle)
      else if (element.kind === 'end') break
      else {
        await this.#checkpoint(element, gate.alignmentMs)
        if (element.final) return 'stopped'
      }
    }
    return this.#endInput()
  }

  async #endInput(): Promise<SubtaskOutcome> {
    await this.#chain.endInput()
    // A number that no other attempt uses; and whatever checkpoint is the next to exist is not below it.
    await this.#flush(() => Math.max(this.#barrier, this.#sinks.decidedTo) + 1)
    return this.#options.signal.aborted ? 'cancelled' : 'finished'
  }

  /** Has sinks flush, once it is known what became of what they have prepared before. */
  async #flush(checkpoint: () => number): Promise<void> {
    while (this.#sinks.isUndecided && !this.#options.signal.aborted) await this.#forSinks()
    if (!this.#options.signal.aborted) await this.#chain.flush(checkpoint())
  }

  async #forSinks(): Promise<void> {
    this.#sinks.assertWell()
    await this.#wake.wait(this.#options.host)
  }

  /** Operators that wanted to be called back by now are. */
  #callBack(): void | Promise<void> {
    const due = this.#chain.processingTimeDue()
    if (due === Infinity) return
    const now = this.#options.host.clock.now()
    if (due <= now) return this.#chain.processingTime(now)
  }

  /** Until something is there, an operator wants to be called back, or `ms` have passed. */
  #waitFor(ms: number | undefined): Promise<void> {
    const { host } = this.#options
    const due = this.#chain.processingTimeDue()
    const dueIn = due === Infinity ? undefined : Math.max(1, due - host.clock.now())
    const least = Math.min(ms ?? Infinity, dueIn ?? Infinity, timerMsMax)
    return this.#wake.wait(host, ms === undefined && dueIn === undefined ? undefined : least)
  }

  async #checkpoint({ checkpoint, attempt, final }: Barrier, alignmentMs: number): Promise<void> {
    this.#barrier = checkpoint
    await this.#chain.passBarrier({ kind: 'barrier', checkpoint, attempt, final })
    await this.#flush(() => checkpoint)
    if (this.#options.signal.aborted) return
    const from = this.#elapsed()
    const snapshot = this.#snapshot(this.#chain.snapshot(checkpoint))
    this.#options.onSnapshot(checkpoint, snapshot, { alignmentMs, snapshotMs: Math.max(0, this.#elapsed() - from) })
  }

  #snapshot(operators: OperatorSnapshot[]): SubtaskSnapshot {
    return { formatVersion: snapshotFormatVersion, chain: this.#options.chain, index: this.#options.index, operators }
  }

  /** The first key stands for all: enough to tell a sender with another plan, and too little to be felt. */
  #assertOwned({ batch, input }: GateElement & { readonly kind: 'batch' }): void {
    const { index } = this.#options
    const { keys } = batch
    if (this.#chainPlan.inputs[input].exchange !== 'keyed') return
    if (keys && subtaskOfKeyGroup(keyGroupOf(keys[0]), this.#chainPlan.parallelism) === index) return
    throw new LightflusError(
      'LF_EXCHANGE_PROTOCOL',
      `${this.#name} received records of keys that another subtask owns.`,
    )
  }

  async #closeQuietly(): Promise<void> {
    try {
      await this.#chain.close()
    } catch {
      // What ended the subtask came first and is what is told; closing after it often fails for the same reason.
    }
  }

  get #rootPlace() {
    return { job: this.#options.plan.job, operator: this.#chainPlan.id }
  }

  get #name(): string {
    return `subtask ${subtaskId(this.#options)}`
  }

  #note(note: Note): void {
    this.#notes.push(note)
    this.#wake.raise()
  }
}

/** The channels that a subtask is given must be those of its plan: asserted, since a wrong one would mix up keys. */
function chainOf({ plan, chain, index, inputs, outputs }: SubtaskOptions): Chain {
  const found = plan.chains.find(({ id }) => id === chain)
  const parallelismOf = (id: string) => plan.chains.find((other) => other.id === id)!.parallelism
  const fits =
    found !== undefined &&
    index >= 0 &&
    index < found.parallelism &&
    inputs.length === found.inputs.length &&
    outputs.length === found.outputs.length &&
    found.inputs.every(({ fromChain }, edge) => inputs[edge].length === parallelismOf(fromChain)) &&
    found.outputs.every(({ toChain }, edge) => outputs[edge].length === parallelismOf(toChain))
  if (fits) return found
  throw new LightflusError(
    'LF_EXCHANGE_PROTOCOL',
    `Job ${plan.job}: subtask ${subtaskId({ chain, index })} and its channels are not those of the plan.`,
  )
}
