import type { ChangeKind } from '@lightflus/api'
import type { Connector, ConnectorContext, SinkWriter, SourceBatch, SourceReader } from '../connector.ts'

/** What a test source reads: by partition, payloads with their own timestamps. */
export type ListData = Readonly<Record<string, readonly ListItem[]>>

export interface ListItem {
  readonly payload: unknown
  readonly timestamp: number
}

export interface CollectedRow {
  readonly sink: string
  readonly subtask: number
  /** How many barriers had reached the sink before. */
  readonly epoch: number
  readonly value: unknown
  readonly timestamp: number
  /** Absent: an insert. */
  readonly change?: ChangeKind
}

export interface ListWorld {
  /** By operator id of the source. */
  readonly sources: Readonly<Record<string, ListData>>
  readonly collected: CollectedRow[]
  /** Size of the next batch, at most `recordsMax`. */
  readonly cut: (recordsMax: number) => number
  /** Called before each poll of any reader. */
  readonly onPoll: () => void
  /** What a sink's write waits for, if it does. */
  readonly sinkDelay?: () => Promise<void> | undefined
}

/** Reads lists and collects rows in memory: sources and sinks of the engine's own tests. */
export function createListConnector(world: ListWorld): Connector {
  return {
    kind: 'list',
    createSource: (context) => new ListReader(context, world),
    createSink: (context) => new CollectingWriter(context, world),
  }
}

class ListReader implements SourceReader {
  readonly bounded = true
  readonly #world: ListWorld
  readonly #data: ListData
  readonly #next = new Map<string, number>()
  #held: ReadonlySet<string> = new Set()
  #turn = 0

  constructor({ operator, subtask }: ConnectorContext<'source'>, world: ListWorld) {
    this.#world = world
    this.#data = world.sources[operator.node.id]
    Object.keys(this.#data).forEach((partition, number) => {
      if (number % subtask.parallelism === subtask.index) this.#next.set(partition, 0)
    })
  }

  open(restored: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    for (const partition of this.#next.keys())
      this.#next.set(partition, (restored?.[partition] as number | undefined) ?? 0)
    return Promise.resolve()
  }

  poll(recordsMax: number): SourceBatch | undefined {
    this.#world.onPoll()
    const open = [...this.#next.keys()].filter((partition) => !this.#hasEnded(partition) && !this.#held.has(partition))
    if (open.length === 0) return undefined
    const partition = open[this.#turn++ % open.length]
    const from = this.#next.get(partition)!
    const items = this.#data[partition].slice(from, from + this.#world.cut(recordsMax))
    this.#next.set(partition, from + items.length)
    return {
      partition,
      payloads: items.map(({ payload }) => payload),
      positions: items.map((_, index) => from + index),
      timestamps: items.map(({ timestamp }) => timestamp),
      bytes: items.length,
    }
  }

  hold(partitions: ReadonlySet<string>): void {
    this.#held = partitions
  }

  partitions() {
    return [...this.#next].map(([name, next]) => ({
      name,
      ended: this.#hasEnded(name),
      caughtUp: this.#hasEnded(name),
      lag: this.#data[name].length - next,
    }))
  }

  positions() {
    return Object.fromEntries(this.#next)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #hasEnded(partition: string): boolean {
    return this.#next.get(partition)! >= this.#data[partition].length
  }
}

class CollectingWriter implements SinkWriter {
  readonly #context: ConnectorContext<'sink'>
  readonly #world: ListWorld
  #epoch = 0
  #written = 0
  #isBusy = false

  constructor(context: ConnectorContext<'sink'>, world: ListWorld) {
    this.#context = context
    this.#world = world
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  write(
    values: readonly unknown[],
    timestamps: readonly number[],
    changes: readonly ChangeKind[] | undefined,
  ): void | Promise<void> {
    this.#assertFree()
    const { operator, subtask } = this.#context
    values.forEach((value, index) => {
      // Copied now: what an operator changes in place later must not show.
      const change = changes?.[index] ?? 'insert'
      const row = {
        value: structuredClone(value),
        timestamp: timestamps[index],
        ...(change === 'insert' ? {} : { change }),
      }
      this.#world.collected.push({ sink: operator.node.id, subtask: subtask.index, epoch: this.#epoch, ...row })
    })
    this.#written += values.length
    const delay = this.#world.sinkDelay?.()
    this.#isBusy = delay !== undefined
    return delay?.then(() => {
      this.#isBusy = false
    })
  }

  flush(): Promise<void> {
    this.#assertFree()
    this.#epoch++
    return Promise.resolve()
  }

  bytesWritten(): number {
    return this.#written
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #assertFree(): void {
    if (this.#isBusy) throw new Error('The writer was called while it held the subtask back.')
  }
}
