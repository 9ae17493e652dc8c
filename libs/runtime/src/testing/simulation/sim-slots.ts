import { toLightflusError } from '@lightflus/api'
import { planJob, SourceAlignment, type Connector } from '@lightflus/engine'
import type { SlotHost } from '../../workers/peer-session.ts'
import type { SimVersion } from './sim-jobs.ts'
import { SegmentedState, type SimDisk } from './sim-segments.ts'
import { SimSlot } from './sim-slot.ts'
import { WorkerChannels } from './worker-channels.ts'
import { Actor, type World } from './world.ts'

export interface SimSlotsOptions {
  readonly world: World
  /** The worker's main thread. */
  readonly main: Actor
  readonly disk: SimDisk
  readonly version: SimVersion
  readonly parallelism: number
  readonly interpreted: boolean
  /** State lies on disk, in segments. */
  readonly segmented: boolean
  readonly connector: (actor: Actor, attempt: () => number) => Connector
  /** Told of every thread that the worker starts. */
  readonly onActor: (actor: Actor) => void
  /** Told of what ends a slot. */
  readonly assertExpected: (thrown: unknown) => void
}

/** Does what workers/thread-slots.ts does, in simulated time: slots that can be stopped, one by one. */
export function simSlots(options: SimSlotsOptions): SlotHost {
  const { world, main, disk, version, parallelism, interpreted, segmented } = options
  const { graph } = version.definition.build()
  const plan = planJob(graph, parallelism)
  const slots = new Map<number, SimSlot>()
  let ownAttempt = 0
  return {
    readFile: disk.read,
    spawn(index, { onMessage }) {
      const actor = new Actor()
      options.onActor(actor)
      const slot = new SimSlot({
        ...{ world, actor, coordinator: main, version, plan, index, interpreted },
        connector: options.connector(actor, () => ownAttempt),
        onMessage(message) {
          if (message.type === 'snapshot') return onMessage({ ...message, ingested: undefined })
          if (message.type !== 'failed') return onMessage(message)
          options.assertExpected(message.thrown)
          const error = toLightflusError(message.thrown, 'LF_SLOT_CRASHED', String(message.thrown))
          onMessage({ type: 'failed', error: error.toJSON() })
        },
      })
      slots.set(index, slot)
      world.after(main, world.dice.next() * 5, () => onMessage({ type: 'built', graph, graphHash: 'sim' }))
      return {
        post: (message) => slot.post(message),
        async terminate() {
          await world.wait(main, world.dice.next() * 10)
          world.kill(actor)
          return true
        },
      }
    },
    wire(_graph, _plan, workerOf) {
      const memory = new ArrayBuffer(SourceAlignment.bytes(graph, parallelism))
      const alignment = new SourceAlignment(graph, parallelism, memory)
      const others = Array.from({ length: parallelism }, (_, other) => other)
      const ways = new WorkerChannels({ world, main, workerOf, actorOf: (slot) => slots.get(slot)?.actor })
      return {
        createBridge: (send) => ways.bridged(send),
        start(index, { attempt, restore, checkpoints }) {
          ownAttempt = attempt
          slots.get(index)!.start({
            ...{ restore, checkpoints, alignment },
            segmented: segmented ? new SegmentedState(world, disk, `${attempt}/${index}`) : undefined,
            inputs: (chain) => chain.inputs.map((edge) => others.map((from) => ways.channel(edge, from, index))),
            outputs: (chain) => chain.outputs.map((edge) => others.map((to) => ways.channel(edge, index, to))),
            cancelChannels: () => ways.cancel(),
          })
        },
      }
    },
  }
}
