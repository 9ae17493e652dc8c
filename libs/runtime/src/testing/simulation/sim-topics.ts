import { LightflusError } from '@lightflus/api'
import type { Following } from '@lightflus/connectors'
import type { WorkerTopic, WorkerTopics } from '../../workers/worker-topics.ts'
import { forgedReader } from './forged-reader.ts'
import type { Mutation } from './mutations.ts'
import { Line, type Actor, type World } from './world.ts'

/** In place of a session's id, of what is told again and again: see control-messages.ts. */
const noSession = Buffer.alloc(16)

interface Reader {
  readonly arrive: (record: Buffer) => void
}

interface Partition {
  readonly records: Buffer[]
  readonly readers: Set<Reader>
}

export interface SimTopicsOptions {
  readonly world: World
  /** Chance that a record is written twice; lost are fewer. */
  readonly failing: number
  readonly mutation: Mutation | undefined
}

/**
 * The topics between the workers of a deployment: records stay in their order, and each takes its time. Now and then one is
 * written twice, or not at all, of which its writer is told late.
 */
export class SimTopics {
  /** A numbered record, or a message to a slot, was lost. */
  hasLost = false
  readonly #options: SimTopicsOptions
  readonly #topics = new Map<string, readonly Partition[]>()

  constructor(options: SimTopicsOptions) {
    this.#options = options
  }

  /** As a process sees them, whose main thread this is. */
  seenBy(actor: Actor): WorkerTopics {
    const { world } = this.#options
    return {
      create: async (names, partitions) => {
        await world.travel(actor, world.dice.next() * 6)
        for (const name of names) {
          if (this.#topics.has(name)) continue
          this.#topics.set(
            name,
            Array.from({ length: partitions }, () => ({ records: [], readers: new Set() })),
          )
        }
      },
      open: async (name, { onFailure }) => {
        await world.wait(actor, world.dice.next() * 6)
        const partitions = this.#topics.get(name)
        return partitions && this.#open(name, partitions, actor, onFailure)
      },
    }
  }

  #open(name: string, partitions: readonly Partition[], actor: Actor, onFailure: (error: Error) => void): WorkerTopic {
    const { world, mutation } = this.#options
    const { dice } = world
    // What a process that is stopped has sent arrives, or is sent when it wakes.
    const carrier = dice.chance(0.5) ? world.wire : actor
    // Then much of what an attempt has sent comes when the next one has begun.
    const isSlow = dice.chance(0.25)
    const lines = partitions.map(() => new Line(world, carrier, isSlow ? 120 : 5))
    const followed: { readonly partition: Partition; readonly reader: Reader }[] = []
    const forged = forgedReader(name.includes('.exchange') ? mutation : undefined)
    let isOver = false
    const fail = (): void => {
      if (isOver) return
      isOver = true
      onFailure(new LightflusError('LF_CONNECTION_LOST', `Topic ${name} took a record not.`))
    }
    return {
      end: async (partition) => {
        await world.wait(actor, dice.next() * 4)
        return partitions[partition].records.length
      },
      append: (partition, bytes) => {
        if (isOver) return
        const record = Buffer.from(bytes)
        forged.wrote(record)
        if (this.#isLost(record)) {
          if (record.compare(noSession, 0, 16, 0, 16) !== 0) world.after(actor, dice.span(20, 2_000), fail)
          return
        }
        lines[partition].send(() => this.#write(partitions[partition], record))
      },
      flush: () => world.wait(actor, dice.next() * 4),
      follow: (partition, from, onRecord): Following => {
        const line = new Line(world, actor, 4)
        let isClosed = false
        const arrive = (record: Buffer): void =>
          line.send(() => {
            if (!isClosed && !isOver) forged.read(record, onRecord)
          })
        const reader = { arrive }
        for (const record of partitions[partition].records.slice(from)) arrive(Buffer.from(record))
        partitions[partition].readers.add(reader)
        followed.push({ partition: partitions[partition], reader })
        return { close: () => void (isClosed = true) }
      },
      close: () => {
        isOver = true
        for (const { partition, reader } of followed) partition.readers.delete(reader)
      },
    }
  }

  #isLost(record: Buffer): boolean {
    const { world, failing } = this.#options
    const isSignal = record.compare(noSession, 0, 16, 0, 16) === 0
    if (!world.dice.chance(isSignal ? failing : failing / 8)) return false
    if (!isSignal) this.hasLost = true
    return true
  }

  #write(partition: Partition, record: Buffer): void {
    const { world, failing } = this.#options
    const write = (): void => {
      partition.records.push(record)
      for (const { arrive } of partition.readers) arrive(Buffer.from(record))
    }
    write()
    if (world.dice.chance(failing)) world.after(world.wire, world.dice.next() * 40, write)
  }
}
