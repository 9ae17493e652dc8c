import type { Connector } from '@lightflus/engine'
import type { Mutation } from './mutations.ts'
import type { Input, Item } from './sim-jobs.ts'
import { simReader } from './sim-source.ts'
import { simWriter, type SimTarget, type Staging } from './sim-target.ts'
import type { Actor, World } from './world.ts'

export interface SimOutside {
  readonly world: World
  readonly input: Input
  readonly target: SimTarget
  readonly staging: Staging
  readonly failing: number
  readonly mutation: Mutation | undefined
  readonly onRead: (attempt: number, partition: string, to: number) => void
}

/** What a slot reads from and writes to, whoever hosts it. */
export function simConnector(outside: SimOutside, actor: Actor, attempt: () => number): Connector {
  const { world, input, target, staging, failing, mutation, onRead } = outside
  return {
    kind: 'sim',
    createSource: (context) =>
      simReader(context, {
        world,
        actor,
        partitions: input[context.operator.node.id] as Record<string, readonly Item[]>,
        onRead: (partition, to) => onRead(attempt(), partition, to),
      }),
    createSink: (context) => simWriter(context, { world, target, actor, staging, failing: failing / 2, mutation }),
  }
}
