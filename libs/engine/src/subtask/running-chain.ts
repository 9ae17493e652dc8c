import type { OperatorDefinition, OperatorKind } from '@lightflus/api'
import type { SubtaskRestore, OperatorSnapshot } from '../checkpoint/snapshot.ts'
import type { RecordBatch, StreamElement } from '../record.ts'
import { compileSegment } from '../compiled/run-segment.ts'
import { findSegments, type Segment } from '../compiled/segments.ts'
import { callLocated, type ErrorPlace } from '../operators/error-place.ts'
import type { Operator, OperatorState, Output } from '../operators/operator.ts'
import type { RecordFailures } from '../operators/record-failures.ts'
import type { Source } from '../operators/source/source.ts'
import { ChainWatermarks } from './chain-watermarks.ts'
import type { ExchangeOutput } from './exchange-output.ts'
import type { OperatorMetrics } from './metrics.ts'
import type { SubtaskOptions } from './subtask-options.ts'

/** One operator of a chain, as the subtask runs it. */
export type ChainMember = SourceMember | InnerMember

interface MemberFacts {
  readonly definition: OperatorDefinition
  readonly metrics: OperatorMetrics
  readonly failures: RecordFailures
}
/** Only ever the root: the subtask asks it for batches. */
export interface SourceMember extends MemberFacts {
  readonly source: Source
}
export interface InnerMember extends MemberFacts {
  readonly operator: Operator
}

export interface ChainWiring {
  readonly job: string
  /** Which subtask's it is and of which attempt, in words. */
  readonly title: string
  /** Parents before children; the first is the root. */
  readonly members: readonly ChainMember[]
  /** For each member: who takes what it emits (under undefined) and what it writes to side outputs, by their names. */
  readonly outputs: ReadonlyMap<ChainMember, MemberOutputs>
  readonly onSideOutput: SubtaskOptions['onSideOutput']
  /** See {@link SubtaskOptions.interpreted}. */
  readonly interpreted: boolean
  /** See {@link SubtaskOptions.freezesState}. */
  readonly freezesState?: boolean | undefined
}

export type MemberOutputs = Map<string | undefined, OutputTakers>
export interface OutputTakers {
  readonly consumers: InnerMember[]
  readonly exchanges: ExchangeOutput[]
}

type Take = (batch: RecordBatch, input: number) => void | Promise<void>

/**
 * The operators of one chain, connected: batches are pushed depth first from operator to operator by plain calls, and a
 * promise comes back only where one of them has to wait. Watermarks, snapshots and the end reach parents before children.
 * Where operators that remember nothing stand behind each other, a generated loop takes their place (../compiled).
 */
export class RunningChain {
  readonly #wiring: ChainWiring
  readonly #outputs = new Map<ChainMember, Output>()
  /** What hands the root its batch, or passes on what the source at the root has read. */
  readonly #enter: Take
  readonly #exchanges: readonly ExchangeOutput[]
  readonly #segments: ReadonlyMap<InnerMember, Segment>
  readonly #watermarks: ChainWatermarks
  readonly #timed: readonly InnerMember[]
  readonly #blocking: readonly Operator[]

  constructor(wiring: ChainWiring) {
    this.#wiring = wiring
    this.#exchanges = [...wiring.outputs.values()].flatMap((outputs) =>
      [...outputs.values()].flatMap(({ exchanges }) => exchanges),
    )
    this.#segments = wiring.interpreted ? new Map() : findSegments(wiring.members, wiring.outputs)
    this.#watermarks = new ChainWatermarks(wiring.members, wiring.outputs, (member, watermark) =>
      this.#callInner(member, (operator, output) => operator.onWatermark(watermark, output)),
    )
    const inner = wiring.members.filter((member) => 'operator' in member)
    this.#timed = inner.filter(({ operator }) => operator.processingTimeDue !== undefined)
    this.#blocking = inner.map(({ operator }) => operator).filter(({ isBlocked }) => isBlocked !== undefined)
    // Children first, since a parent's output is made of theirs.
    for (const member of [...wiring.members].reverse()) this.#outputs.set(member, this.#outputOf(member))
    const root = wiring.members[0]
    this.#enter = 'source' in root ? (batch) => this.#outputs.get(root)!.emit(batch) : this.#takeOf(root)
  }

  get metrics(): readonly OperatorMetrics[] {
    return this.#wiring.members.map(({ metrics }) => metrics)
  }

  async open(restore: SubtaskRestore | undefined): Promise<void> {
    for (const member of this.#wiring.members) {
      const restored = restore?.get(member.definition.node.id)
      const stateful = 'source' in member ? member.source : member.operator
      await this.#call(member, () => {
        if (restored) stateful.restore(restored)
        return stateful.open()
      })
    }
  }

  /** @param input of the root: 0 unless several streams meet there. */
  process(batch: RecordBatch, input: number): void | Promise<void> {
    return this.#thenPassOwn(this.#enter(batch, input))
  }

  /** When one of the operators wants to be called back; Infinity: none does. */
  processingTimeDue(): number {
    let due = Infinity
    for (const { operator } of this.#timed) due = Math.min(due, operator.processingTimeDue!())
    return due
  }

  /** Calls back the operators that wanted to be by now. */
  processingTime(now: number): void | Promise<void> {
    const wait = inTurn(this.#timed, 0, (member) => {
      if (member.operator.processingTimeDue!() <= now)
        return this.#callInner(member, (operator, output) => operator.onProcessingTime!(now, output))
    })
    return this.#thenPassOwn(wait)
  }

  /** Whether an operator can take no more records now. */
  get isBlocked(): boolean {
    return this.#blocking.some((operator) => operator.isBlocked!())
  }

  watermark(timestamp: number, idle: boolean): Promise<void> {
    return this.#watermarks.pass(timestamp, idle)
  }

  passBarrier(element: StreamElement & { kind: 'barrier' }): void | Promise<void> {
    return this.#broadcast(element)
  }

  /** @param checkpoint undefined for what a finished subtask leaves to all later ones. */
  snapshot(checkpoint: number | undefined): OperatorSnapshot[] {
    return this.#wiring.members.flatMap((member) => {
      const { id, kind } = member.definition.node
      const frozen = this.#wiring.freezesState && 'operator' in member ? member.operator.freeze?.() : undefined
      if (frozen !== undefined)
        return [{ ...snapshotOf(id, kind, { ...frozen, keyGroups: new Map() }), frozen: frozen.keyGroups }]
      const state = 'source' in member ? member.source.snapshot(checkpoint) : member.operator.snapshot()
      return state === undefined ? [] : [snapshotOf(id, kind, state)]
    })
  }

  async flush(checkpoint: number): Promise<void> {
    for (const member of this.#wiring.members) await this.#callInner(member, (operator) => operator.flush(checkpoint))
  }

  async endInput(): Promise<void> {
    for (const member of this.#wiring.members)
      await this.#callInner(member, (operator, output) => operator.endInput(output))
    await this.#broadcast({ kind: 'end' })
  }

  /** Closes every operator, whatever the others do; rejects with the first failure. */
  async close(): Promise<void> {
    const failures: unknown[] = []
    for (const member of this.#wiring.members) {
      try {
        await this.#call(member, () => ('source' in member ? member.source : member.operator).close())
      } catch (failure) {
        failures.push(failure)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  /** Not while an operator holds records, which a watermark must not overtake: once it has let them go. */
  #thenPassOwn(wait: void | Promise<void>): void | Promise<void> {
    if (wait) return wait.then(() => this.#thenPassOwn(undefined))
    if (!this.isBlocked) return this.#watermarks.passOwn()
  }

  #broadcast(element: StreamElement): void | Promise<void> {
    return inTurn(this.#exchanges, 0, (exchange) => exchange.broadcast(element))
  }

  #outputOf(member: ChainMember): Output {
    const { metrics } = member
    const takers = this.#wiring.outputs.get(member)
    const takes = new Map([...(takers ?? [])].map(([name, each]) => [name, this.#takeOfAll(each)]))
    const take = takes.get(undefined)
    const { onSideOutput } = this.#wiring
    const { id } = member.definition.node
    return {
      emit(batch) {
        if (batch.values.length === 0) return
        metrics.recordsOut += batch.values.length
        return take?.(batch, 0)
      },
      emitSide(name, batch) {
        if (batch.values.length === 0) return
        onSideOutput?.(id, name, batch)
        return takes.get(name)?.(batch, 0)
      },
    }
  }

  #takeOfAll({ consumers, exchanges }: OutputTakers): Take {
    const takes: readonly Take[] = [
      ...consumers.map((consumer) => this.#takeOf(consumer)),
      ...exchanges.map(
        (exchange): Take =>
          (batch) =>
            exchange.emit(batch),
      ),
    ]
    return takes.length === 1 ? takes[0] : (batch, input) => inTurn(takes, 0, (each) => each(batch, input))
  }

  #takeOf(member: InnerMember): Take {
    const { metrics, operator } = member
    const output = this.#outputs.get(member)!
    const place = this.#placeOf(member)
    const plain: Take = (batch, input) => {
      metrics.recordsIn += batch.counts ? totalOf(batch.counts) : batch.values.length
      return callLocated(place, () => operator.processBatch(batch, output, input))
    }
    const segment = this.#segments.get(member)
    if (segment === undefined) return plain
    const { title } = this.#wiring
    const compiled = compileSegment(segment, title, this.#outputs.get(segment.at(-1)!)!)
    if (compiled === undefined) return plain
    return (batch, input) =>
      batch.changes === undefined ? callLocated(place, () => compiled(batch)) : plain(batch, input)
  }

  /** Sources take part in opening and closing only: the subtask drives them. */
  #callInner(
    member: ChainMember,
    call: (operator: Operator, output: Output) => void | Promise<void>,
  ): void | Promise<void> {
    if ('source' in member) return
    return this.#call(member, () => call(member.operator, this.#outputs.get(member)!))
  }

  #call(member: ChainMember, call: () => void | Promise<void>): void | Promise<void> {
    return callLocated(this.#placeOf(member), call)
  }

  #placeOf({ definition }: ChainMember): ErrorPlace {
    return { job: this.#wiring.job, operator: definition.node.id }
  }
}

function snapshotOf(
  operator: string,
  kind: OperatorKind,
  { subtask, keyGroups, stored }: OperatorState,
): OperatorSnapshot {
  return {
    operator,
    kind,
    subtask,
    keyGroups,
    ...(stored && { segments: stored.segments, releaseSegments: stored.release }),
  }
}

function totalOf(counts: readonly number[]): number {
  let total = 0
  for (const count of counts) total += count
  return total
}

/** One after the other; a promise only where one of them makes it wait. */
function inTurn<T>(items: readonly T[], from: number, call: (item: T) => void | Promise<void>): void | Promise<void> {
  for (let index = from; index < items.length; index++) {
    const wait = call(items[index])
    if (wait) return wait.then(() => inTurn(items, index + 1, call))
  }
}
