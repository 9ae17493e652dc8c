import {
  durationMs,
  isJob,
  LightflusError,
  type BuiltJob,
  type Duration,
  type JobDefinition,
  type OperatorDefinition,
  type OperatorKind,
  type SideOutput,
} from '@lightflus/api'
import type { Connector, RecordBatch } from '@lightflus/engine'
import { createCollectingWriter, outputRecords, type OutputRecord } from './collecting-sink.ts'
import { createPushedReader, pushedSource, PushedRecords } from './pushed-source.ts'
import { planTest, TestAttempt } from './test-attempt.ts'
import { TestInput } from './test-input.ts'
import { createTestLookup, givenLookup, type TestLookup } from './test-lookup.ts'
import { sumMetrics, type TestMetrics } from './test-metrics.ts'
import type { TestSnapshot } from './test-snapshot.ts'
import type { PendingCalls } from './turn.ts'
import { VirtualHost } from './virtual-host.ts'

export interface TestJobOptions {
  /** Subtasks of every chain, 1 to 128. Default 1. */
  readonly parallelism?: number
  /** Where the clock stands at first, milliseconds since the epoch. Default: where it stood in the snapshot; else 0. */
  readonly now?: number
  /** Begins with the state of a job that was tested before, whatever its parallelism was. */
  readonly restore?: TestSnapshot
  /**
   * Whether all sources end by themselves, so that every result comes once, final. Default: what the sources say. Set it
   * to see what the same program makes of a stream (false) or of complete data (true).
   */
  readonly bounded?: boolean
  /**
   * Who moves watermarks: `'test'` (default) only the test does, `'source'` the sources do as well, by their own rules and
   * the event times of what is pushed (`outOfOrderness`, `idleness` and the rest).
   */
  readonly watermarks?: 'test' | 'source'
  /** What lookups find, by the operator's name. One that is missing ends the job when it is asked. */
  readonly lookups?: Readonly<Record<string, TestLookup>>
}

/**
 * Runs a job in this thread on the real engine, in virtual time. The test pushes what sources read, moves watermarks
 * and the clock, and reads what reaches sinks; no outside system takes part. Every call that returns a promise resolves
 * when nothing in the job can go on any more, so nothing has to be waited for.
 *
 * @throws what the program's graph or its options are refused for, LF_RESTORE_MISMATCH where the snapshot does not fit.
 * @example
 * const test = await testJob(spendPerMinute)
 * await test.input('orders').push({ user: 'a', amount: 3 }, { at: 1_000 })
 * await test.input('orders').watermark(60_000)
 * expect(test.output()).toEqual([{ key: 'a', window: { start: 0, end: 60_000 }, spent: 3, pane: expect.anything() }])
 */
export async function testJob(job: JobDefinition, options: TestJobOptions = {}): Promise<TestJob> {
  if (!isJob(job))
    throw new LightflusError('LF_TEST_USAGE', 'testJob was given no job.', {
      nextStep: "Give it what `job('name', …)` returned: the default export of the program's module.",
    })
  const test = new TestJob(job, options)
  await test.started
  return test
}

/** A job that is being tested. */
export class TestJob {
  readonly #built: BuiltJob
  readonly #host: VirtualHost
  readonly #attempt: TestAttempt
  readonly #pushed = new Map<string, PushedRecords>()
  readonly #collected = new Map<string, OutputRecord[]>()
  /** @internal Resolves when the job waits for input. */
  readonly started: Promise<void>

  /** @internal Made by {@link testJob}. */
  constructor(job: JobDefinition, options: TestJobOptions) {
    const { parallelism = 1, restore, now = restore?.now ?? 0, bounded, watermarks = 'test', lookups = {} } = options
    this.#built = job.build()
    this.#host = new VirtualHost(now)
    for (const id of this.#named('source'))
      this.#pushed.set(id, new PushedRecords(parallelism, restore?.ended.includes(id) ?? false))
    this.#attempt = new TestAttempt({
      job,
      plan: planTest(this.#built, parallelism, bounded),
      host: this.#host,
      connector: (calls) => this.#connector(lookups, calls),
      restore,
      onSideOutput: (operator, output, batch) => this.#collectSide(operator, output, batch),
      adapt: (operator, calls) => adapt(operator, watermarks, calls),
    })
    this.started = this.#attempt.start()
  }

  /** The job's clock, milliseconds since the epoch: {@link advance} moves it, and {@link finish} as far as it has to. */
  get now(): number {
    return this.#host.clock.now()
  }

  /** @param source name of the source; may be left out where there is one. */
  input<T = unknown>(source?: string): TestInput<T> {
    const id = this.#find('source', source)
    return new TestInput<T>(id, this.#pushed.get(id)!, () => this.#attempt.settle())
  }

  /** Moves the watermark of every source that has not ended. */
  async watermark(time: number): Promise<void> {
    for (const pushed of this.#pushed.values()) if (!pushed.ended) pushed.watermark(time)
    await this.#attempt.settle()
  }

  /**
   * What has reached a sink since it was last read, in order.
   * @param sink its name; may be left out where there is one.
   */
  output<T = unknown>(sink?: string): readonly T[] {
    return this.outputRecords<T>(sink).map(({ value }) => value)
  }

  /** The same with event times, what each record does to its row, and what the sink's functions made of it. */
  outputRecords<T = unknown>(sink?: string): readonly OutputRecord<T>[] {
    return this.#take(this.#find('sink', sink))
  }

  /** What an operator has written to a side output since it was last read, whether or not the program takes it. */
  sideOutput<T = unknown>(operator: string, output: SideOutput<T> | string): readonly T[] {
    return this.sideOutputRecords<T>(operator, output).map(({ value }) => value)
  }

  sideOutputRecords<T = unknown>(operator: string, output: SideOutput<T> | string): readonly OutputRecord<T>[] {
    this.#assertOperator(operator)
    return this.#take(sideKey(operator, typeof output === 'string' ? output : output.name))
  }

  /** Lets time pass: whatever is due meanwhile happens at its moment. */
  advance(by: Duration): Promise<void> {
    return this.#attempt.advanceTo(this.now + durationMs(by, 'advance'))
  }

  /** Counters of an operator, summed over its subtasks, and the least of their watermarks. */
  metrics(operator: string): TestMetrics {
    this.#assertOperator(operator)
    return sumMetrics(this.#attempt.metrics.filter((metrics) => metrics.operator === operator))
  }

  /** The state of the whole job, as a savepoint would keep it; the job goes on. Give it to {@link testJob} to restore. */
  async snapshot(): Promise<TestSnapshot> {
    const stored = await this.#attempt.snapshot()
    const ended = [...this.#pushed].filter(([, pushed]) => pushed.ended).map(([id]) => id)
    return { job: this.#built.name, now: this.now, ended, ...stored }
  }

  /** Ends every source and runs the job to its end; time passes as far as it has to. */
  async finish(): Promise<void> {
    for (const pushed of this.#pushed.values()) pushed.end()
    await this.#attempt.settleUntil(() => this.#attempt.hasFinished)
  }

  /** What stands in place of all connectors. */
  #connector(lookups: Readonly<Record<string, TestLookup>>, calls: PendingCalls): Connector {
    return {
      kind: 'test',
      createSource: (context) => createPushedReader(context, this.#pushed.get(context.operator.node.id)!),
      createSink: (context) => createCollectingWriter(context, this.#collectedOf(context.operator.node.id)),
      createLookup(context) {
        const lookup = createTestLookup(context, lookups[context.operator.node.id])
        return { ...lookup, find: (keys) => calls.track(lookup.find(keys)) }
      },
    }
  }

  #collectSide(operator: string, output: string, batch: RecordBatch): void {
    this.#collectedOf(sideKey(operator, output)).push(...outputRecords(batch))
  }

  #collectedOf(key: string): OutputRecord[] {
    const collected = this.#collected.get(key) ?? []
    this.#collected.set(key, collected)
    return collected
  }

  #take<T>(key: string): readonly OutputRecord<T>[] {
    return this.#collectedOf(key).splice(0) as OutputRecord<T>[]
  }

  #named(kind: OperatorKind): string[] {
    return this.#built.graph.operators.filter((operator) => operator.kind === kind).map(({ id }) => id)
  }

  #find(kind: 'source' | 'sink', name: string | undefined): string {
    const names = this.#named(kind)
    if (name === undefined ? names.length === 1 : names.includes(name)) return name ?? names[0]
    const what = name === undefined ? `more than one ${kind}, so say which` : `no ${kind} '${name}'`
    throw new LightflusError('LF_TEST_USAGE', `Job ${this.#built.name} has ${what}: ${names.join(', ')}.`)
  }

  #assertOperator(name: string): void {
    const names = [...this.#built.operators.keys()]
    if (names.includes(name)) return
    const message = `Job ${this.#built.name} has no operator '${name}': ${names.join(', ')}.`
    throw new LightflusError('LF_TEST_USAGE', message)
  }
}

const sideKey = (operator: string, output: string): string => `${operator} ${output}`

/** Every operator as it is, but that sources read what is pushed, and that the test waits for the program's own calls. */
function adapt(operator: OperatorDefinition, watermarks: 'test' | 'source', calls: PendingCalls): OperatorDefinition {
  const { kind } = operator.node
  if (kind === 'source') return pushedSource(operator as OperatorDefinition<'source'>, watermarks) as OperatorDefinition
  if (kind === 'lookup') return givenLookup(operator as OperatorDefinition<'lookup'>) as OperatorDefinition
  if (kind === 'mapAsync') {
    const { functions } = operator as OperatorDefinition<'mapAsync'>
    const fn: typeof functions.fn = (value, context) => calls.track(functions.fn(value, context))
    return { ...operator, functions: { ...functions, fn } }
  }
  return operator
}
