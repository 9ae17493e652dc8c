import { setImmediate as immediate } from 'node:timers/promises'
import type { JobDefinition, SinkDeclaration, SourceDeclaration } from '@lightflus/api'
import {
  createSubtask,
  planJob,
  type Connector,
  type EncodedRecords,
  type Host,
  type PackedPayloads,
  type SinkWriter,
  type SourceReader,
} from '@lightflus/engine'
import { Wiring } from '../libs/runtime/src/slot/wiring.ts'

// Jobs that run whole in this thread at parallelism 1, without any outside system, so that the engine alone is measured.

/** What a source reads, in this order, as its one partition. */
export interface Records {
  readonly count: number
  /** The record of an index from 0, as the source's connector hands it over. */
  readonly at: (index: number) => unknown
  /** The same as bytes in one buffer, if they are to be handed over so. */
  readonly packed?: PackedPayloads
}

export interface ThreadRun {
  /** The records of a source, by its operator's id. */
  readonly recordsOf: (source: string) => Records
  /** Takes what reaches a sink, a batch at a time. */
  readonly write: (values: readonly unknown[]) => void
  /**
   * Takes texts of what reaches sinks with a function `value`, which are then made as the Kafka sink makes them; `write` is
   * not called for these.
   */
  readonly writeTexts?: (texts: EncodedRecords) => void
  /** Operator by operator instead of generated code. Default false. */
  readonly interpreted?: boolean
}

/** What a run took, from its first record to its end; the building and planning of the job are not in it. */
export interface RunCost {
  readonly wallSeconds: number
  readonly cpuSeconds: number
}

/**
 * A source for `flow.source` whose event times never fall.
 * @param bounded what the graph says: if false there are results on the way too, although the records end either way.
 */
export function recordsSource<T>(options: {
  readonly bounded: boolean
  readonly eventTime?: (record: T) => number
}): SourceDeclaration<T> {
  const { bounded, ...functions } = options
  const watermark = { kind: 'monotonic' } as const
  return {
    connector: 'bench',
    bounded,
    options: { watermark, maxClockAheadMs: null, idlenessMs: null, alignment: null, connector: {} },
    functions,
  }
}

/** A sink for `sinkTo`, to the run's `write`. */
export function writeSink<T>(): SinkDeclaration<T, 'inserts'> {
  return { accepts: 'inserts', connector: 'bench', options: { connector: {} }, functions: {} }
}

/** Runs a job to its end. All its sources and sinks are those of the run, whatever connectors they name. */
export async function runInThread(
  definition: JobDefinition,
  { recordsOf, write, writeTexts, interpreted = false }: ThreadRun,
): Promise<RunCost> {
  const { graph, operators } = definition.build()
  const plan = planJob(graph, 1)
  const { signal } = new AbortController()
  const wiring = new Wiring({ plan, slot: 0, shared: undefined, signal, beats: () => 0, wanted: undefined })
  const connector: Connector = {
    kind: 'bench',
    createSource: ({ operator }) => recordsReader(recordsOf(operator.node.id)),
    createSink: ({ operator: { functions } }) =>
      writeTexts && functions['value'] ? textWriter(functions['value'], writeTexts) : batchWriter(write),
  }
  const subtasks = plan.chains.map((chain) =>
    createSubtask({
      plan,
      chain: chain.id,
      index: 0,
      attempt: 1,
      operators,
      inputs: wiring.inputs(chain),
      outputs: wiring.outputs(chain),
      restore: undefined,
      host,
      connector: () => connector,
      // Nobody connects to it.
      connection: (name) => ({ name, kind: 'bench', options: {} }),
      signal,
      log: (level, operator, message) => console.error(level, operator, message),
      publishRows: () => {},
      onSnapshot: () => {},
      onFinished: () => {},
      interpreted,
    }),
  )
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  await Promise.all(subtasks.map((subtask) => subtask.run()))
  const { user, system } = process.cpuUsage(cpuBefore)
  return { wallSeconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (user + system) / 1e6 }
}

const host: Host = {
  clock: { now: () => Date.now() },
  yieldToHost: () => immediate(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

function recordsReader({ count, at, packed }: Records): SourceReader {
  const name = 'records/0'
  let next = 0
  return {
    bounded: true,
    open: () => Promise.resolve(),
    poll(recordsMax) {
      const end = Math.min(next + recordsMax, count)
      if (next === end) return undefined
      const from = next
      const positions: number[] = []
      for (; next < end; next++) positions.push(next)
      const payloads = packed ? part(packed, from, end) : positions.map(at)
      return { partition: name, payloads, positions, bytes: 0 }
    },
    partitions: () => [{ name, ended: next === count, caughtUp: next === count }],
    positions: () => ({ [name]: next }),
    close: () => Promise.resolve(),
  }
}

function part({ bytes, starts, ends }: PackedPayloads, from: number, to: number): PackedPayloads {
  return { length: to - from, bytes, starts: starts.subarray(from, to), ends: ends.subarray(from, to) }
}

/** As the Kafka sink does it: text by text where the engine has not made them. */
function textWriter(valueOf: (value: unknown) => unknown, write: (texts: EncodedRecords) => void): SinkWriter {
  return {
    ...batchWriter((values) => {
      for (const value of values) {
        const bytes = Buffer.from(JSON.stringify(valueOf(value)))
        write({ length: 1, bytes, starts: Int32Array.of(0), ends: Int32Array.of(bytes.length) })
      }
    }),
    encodes: 'value',
    writeEncoded: write,
  }
}

function batchWriter(write: ThreadRun['write']): SinkWriter {
  return {
    open: () => Promise.resolve(),
    write: (values) => write(values),
    flush: () => Promise.resolve(),
    bytesWritten: () => 0,
    close: () => Promise.resolve(),
  }
}
