import type { PhysicalPlan } from '@lightflus/engine'
import { allRingsBytesMax, controlRingBytes, ringBytesMax, ringBytesMin } from './exchange-limits.ts'
import { controlBytes, type RingPlace } from './ring.ts'

/** A cell for each slot, on a cache line of its own. */
export const bellStride = 16
const bellBytes = bellStride * Int32Array.BYTES_PER_ELEMENT

/**
 * Where everything lies in the one block of memory that the slots of an attempt share: a cell for each slot's sleep (see
 * bell.ts), then a ring from each subtask to each, for each edge of the plan. All slots find the same, since all make the
 * same plan. A subtask's ring to its own slot is not used: memory that nobody touches costs nothing.
 */
export interface RingLayout {
  readonly bytes: number
  place(edge: number, from: number, to: number): RingPlace
}

export function layOutRings(plan: PhysicalPlan, bytesMax = ringBytesMax): RingLayout {
  const widths = new Map(plan.chains.map(({ id, parallelism }) => [id, parallelism]))
  const edges = plan.edges.map(({ fromChain, toChain, exchange }) => {
    const receivers = widths.get(toChain)!
    return { receivers, rings: widths.get(fromChain)! * receivers, isControl: exchange === 'forward' }
  })
  const rings = edges.reduce((sum, edge) => sum + (edge.isControl ? 0 : edge.rings), 0)
  const share = 2 ** Math.floor(Math.log2(allRingsBytesMax / Math.max(1, rings)))
  const bytes = Math.min(bytesMax, Math.max(ringBytesMin, share))
  let offset = plan.parallelism * bellBytes
  const placed = edges.map(({ receivers, rings, isControl }) => {
    const each = isControl ? Math.min(bytes, controlRingBytes) : bytes
    const start = offset
    offset += rings * (controlBytes + each)
    return { receivers, start, each }
  })
  return {
    bytes: offset,
    place(edge, from, to) {
      const { receivers, start, each } = placed[edge]
      return { offset: start + (from * receivers + to) * (controlBytes + each), bytes: each }
    },
  }
}
