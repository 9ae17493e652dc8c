import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { PhysicalPlan } from '@lightflus/engine'
import { layOutRings } from './ring-layout.ts'

/** What the slots of an attempt reach each other by; a slot that is alone needs none. */
export interface SharedWays {
  /** The rings' memory: see ring-layout.ts. */
  readonly memory: SharedArrayBuffer
  /** By slot: the port to it; undefined at the slot's own number. */
  readonly ports: readonly (MessagePort | undefined)[]
  /** Slots of other workers, whose ports carry bytes only. Default: none. */
  readonly bridgedSlots?: readonly number[]
}

/** What the slots of a plan reach each other by, for each slot; undefined where there is one slot only. */
export function shareWays(plan: PhysicalPlan): SharedWays[] | undefined {
  const { parallelism } = plan
  if (parallelism === 1) return undefined
  const memory = new SharedArrayBuffer(layOutRings(plan).bytes)
  const slots = Array.from({ length: parallelism }, () => ({
    memory,
    ports: new Array<MessagePort | undefined>(parallelism).fill(undefined),
  }))
  for (let one = 0; one < parallelism; one += 1) {
    for (let other = one + 1; other < parallelism; other += 1) {
      const { port1, port2 } = new MessageChannel()
      slots[one].ports[other] = port1
      slots[other].ports[one] = port2
    }
  }
  return slots
}
