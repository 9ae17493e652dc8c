import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { PhysicalPlan } from '@lightflus/engine'
import { layOutRings } from '../exchange/ring-layout.ts'
import type { SharedWays } from '../exchange/share-ways.ts'

/** What the slots of one worker reach all others by: those here directly, those elsewhere through a {@link RingBridge}. */
export interface WorkerWays {
  readonly memory: SharedArrayBuffer
  /** By slot here: what it is given. */
  readonly shared: ReadonlyMap<number, SharedWays>
  /** By slot elsewhere, the port that stands for it to each slot here. */
  readonly bridged: ReadonlyMap<number, ReadonlyMap<number, MessagePort>>
}

/**
 * Rings are laid out for all slots of the plan, as on one worker, so that every slot finds its own at the same place
 * whoever is at the other end; memory that nobody touches costs nothing.
 * @param isHere whether a slot is one of this worker's
 */
export function shareWorkerWays(plan: PhysicalPlan, isHere: (slot: number) => boolean): WorkerWays {
  const { parallelism } = plan
  const memory = new SharedArrayBuffer(layOutRings(plan).bytes)
  const slots = Array.from({ length: parallelism }, (_, slot) => slot)
  const bridgedSlots = slots.filter((slot) => !isHere(slot))
  const shared = new Map(
    slots.filter(isHere).map((slot) => {
      const ports = new Array<MessagePort | undefined>(parallelism).fill(undefined)
      return [slot, { memory, ports, bridgedSlots }]
    }),
  )
  const bridged = new Map(bridgedSlots.map((slot) => [slot, new Map<number, MessagePort>()]))
  for (const one of slots) {
    for (const other of slots.slice(one + 1)) {
      if (!isHere(one) && !isHere(other)) continue
      const { port1, port2 } = new MessageChannel()
      give(one, other, port1)
      give(other, one, port2)
    }
  }
  return { memory, shared, bridged }

  function give(slot: number, peer: number, port: MessagePort): void {
    const here = shared.get(slot)
    if (here) here.ports[peer] = port
    else bridged.get(slot)!.set(peer, port)
  }
}
