import type { OperatorDefinition, SchemaResult, SourceFunctions } from '@lightflus/api'
import { noTimestamp, type ConnectorContext, type SourceBatch, type SourcePositions } from '@lightflus/engine'
import type { SourceReader } from '@lightflus/engine'

/** A record as the test pushed it: as the source emits it, or as the outside system holds it. */
export interface PushedRecord {
  readonly content: unknown
  readonly isPayload: boolean
  /** Event time; undefined: the source tells it. */
  readonly at: number | undefined
}

/** What a partition holds, in the order of pushing. */
export type PushedElement =
  { readonly kind: 'records'; readonly records: readonly PushedRecord[] } | { readonly kind: 'watermark'; time: number }

/** One partition for each subtask of the source. */
export interface PushedPartition {
  readonly waiting: PushedElement[]
  wake: () => void
}

/** What is still to be read is part of the position: so a snapshot of a job that is held back loses nothing. */
interface Position {
  readonly next: number
  readonly waiting: readonly PushedElement[]
}

/** All that is pushed to one source, between the test and the source's subtasks. */
export class PushedRecords {
  readonly partitions: readonly PushedPartition[]
  ended: boolean
  #turn = 0

  constructor(parallelism: number, ended: boolean) {
    this.partitions = Array.from({ length: parallelism }, () => ({ waiting: [], wake: () => {} }))
    this.ended = ended
  }

  /** To one subtask, in this order; the next ones to the next subtask. */
  push(records: readonly PushedRecord[]): void {
    const partition = this.partitions[this.#turn++ % this.partitions.length]
    partition.waiting.push({ kind: 'records', records })
    partition.wake()
  }

  watermark(time: number): void {
    for (const partition of this.partitions) {
      partition.waiting.push({ kind: 'watermark', time })
      partition.wake()
    }
  }

  end(): void {
    this.ended = true
    for (const { wake } of this.partitions) wake()
  }
}

/** Reads what was pushed to the partition of its subtask. */
export function createPushedReader(
  { operator, subtask, wake }: ConnectorContext<'source'>,
  pushed: PushedRecords,
): SourceReader {
  const partition = pushed.partitions[subtask.index]
  const { waiting } = partition
  const name = partitionName(operator.node.id, subtask.index)
  let next = 0
  let watermark: number | undefined
  partition.wake = wake

  return {
    bounded: true,
    wakesReliably: true,
    open(restored: SourcePositions | undefined) {
      const positions = Object.entries((restored ?? {}) as unknown as Readonly<Record<string, Position>>)
      const own = positions.filter(([other]) => partitionNumber(other) % subtask.parallelism === subtask.index)
      next = own.find(([other]) => other === name)?.[1].next ?? 0
      waiting.unshift(...own.flatMap(([, position]) => position.waiting))
      return Promise.resolve()
    },
    poll(): SourceBatch | undefined {
      const element = waiting.shift()
      // What follows has to be asked for, too: a watermark is told by the way, and is no batch.
      if (waiting.length > 0) wake()
      if (element?.kind === 'watermark') watermark = element.time
      if (element?.kind !== 'records') return undefined
      const { records } = element
      const first = next
      next += records.length
      return { partition: name, payloads: [...records], positions: records.map((_, i) => first + i), bytes: 0 }
    },
    partitions: () => [
      {
        name,
        ended: pushed.ended && waiting.length === 0,
        caughtUp: waiting.length === 0,
        lag: waiting.length,
        ...(watermark === undefined ? {} : { watermark }),
      },
    ],
    positions: () => ({ [name]: { next, waiting } }) as unknown as SourcePositions,
    close: () => Promise.resolve(),
  }
}

const partitionName = (operator: string, index: number): string => `${operator}/${index}`
const partitionNumber = (name: string): number => Number(name.slice(name.lastIndexOf('/') + 1))

/** Of sources whose watermarks the test moves: event times move none, and nothing is checked against the clock. */
const untimed = { watermark: { kind: 'atEnd' }, idlenessMs: null, maxClockAheadMs: null, alignment: null }

/**
 * The source as the harness runs it: records come as they were pushed, payloads go through the source's own decoding and
 * schema.
 * @param watermarks who moves them.
 */
export function pushedSource(
  { node, functions }: OperatorDefinition<'source'>,
  watermarks: 'test' | 'source',
): OperatorDefinition<'source'> {
  const options = watermarks === 'source' ? node.options : { ...node.options, ...untimed }
  return { node: { ...node, options }, functions: { ...functions, ...pushedFunctions(functions) } }
}

function pushedFunctions({ decode, schema, eventTime }: SourceFunctions): Partial<SourceFunctions> {
  // The engine decodes, validates and dates one record after the other, so one variable tells all of them which it is.
  let current: PushedRecord
  return {
    decode(pushed: PushedRecord) {
      current = pushed
      return pushed.isPayload && decode ? decode(pushed.content) : pushed.content
    },
    ...(schema && {
      schema: {
        '~standard': {
          ...schema['~standard'],
          validate: (value: unknown): SchemaResult<unknown> | Promise<SchemaResult<unknown>> =>
            current.isPayload ? schema['~standard'].validate(value) : { value },
        },
      },
    }),
    eventTime: (value: unknown) => current.at ?? (eventTime ? eventTime(value) : noTimestamp),
  }
}
