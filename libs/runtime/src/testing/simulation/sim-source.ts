import type { ConnectorContext, SourceBatch, SourceReader } from '@lightflus/engine'
import type { Item } from './sim-jobs.ts'
import type { Actor, World } from './world.ts'

export interface SimReaderOptions {
  readonly world: World
  readonly actor: Actor
  readonly partitions: Readonly<Record<string, readonly Item[]>>
  /** Told how far a partition has been read. */
  readonly onRead: (partition: string, to: number) => void
}

/** Reads lists in small batches, now and then slowly. */
export function simReader({ subtask }: ConnectorContext<'source'>, options: SimReaderOptions): SourceReader {
  const { world, actor, partitions, onRead } = options
  const own = Object.keys(partitions).filter((_, number) => number % subtask.parallelism === subtask.index)
  const next = new Map<string, number>(own.map((name) => [name, 0]))
  const hasEnded = (name: string): boolean => next.get(name)! >= partitions[name].length
  let held: ReadonlySet<string> = new Set()

  function readSome(recordsMax: number): SourceBatch | undefined {
    const open = own.filter((name) => !hasEnded(name) && !held.has(name))
    if (open.length === 0) return undefined
    const partition = world.dice.pick(open)
    const from = next.get(partition)!
    const items = partitions[partition].slice(from, from + Math.min(recordsMax, world.dice.between(1, 4)))
    next.set(partition, from + items.length)
    onRead(partition, from + items.length)
    return {
      partition,
      payloads: items,
      positions: items.map((_, index) => from + index),
      timestamps: items.map(({ at }) => at),
      bytes: items.length,
    }
  }

  return {
    bounded: true,
    async open(restored) {
      await world.wait(actor, world.dice.next() * 5)
      for (const name of own) {
        next.set(name, (restored?.[name] as number | undefined) ?? 0)
        onRead(name, next.get(name)!)
      }
    },
    async poll(recordsMax) {
      await world.wait(actor, world.dice.next() * 6)
      return readSome(recordsMax)
    },
    hold(names) {
      held = names
    },
    partitions: () =>
      own.map((name) => ({
        name,
        ended: hasEnded(name),
        caughtUp: hasEnded(name),
        lag: partitions[name].length - next.get(name)!,
      })),
    positions: () => Object.fromEntries(next),
    close: () => Promise.resolve(),
  }
}
