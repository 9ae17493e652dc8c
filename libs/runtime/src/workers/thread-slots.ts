import { pathToFileURL } from 'node:url'
import { SourceAlignment } from '@lightflus/engine'
import type { SlotThread } from '../attempt/slot-thread.ts'
import { spawnSlot } from '../attempt/spawn-slot.ts'
import type { ResolvedOptions } from '../deployment-options.ts'
import { ProgramLocations } from '../program-errors/program-locations.ts'
import type { SlotHost } from './peer-session.ts'
import { RingBridge } from './ring-bridge.ts'
import { shareWorkerWays } from './worker-ways.ts'

/** Slots in threads of this process, joined by rings. */
export function threadSlots(options: ResolvedOptions): SlotHost {
  const bundleUrl = pathToFileURL(options.bundlePath).href
  const locations = new ProgramLocations(bundleUrl)
  const slots = new Map<number, SlotThread>()
  return {
    spawn(index, { onMessage, onFailure }) {
      const slot = spawnSlot(options, {
        index,
        bundleUrl,
        now: Date.now,
        onMessage,
        onFailure: (error, stack) =>
          void locations
            .mapped(error, stack)
            .catch(() => error)
            .then(onFailure),
      })
      slots.set(index, slot)
      return slot
    },
    wire(graph, plan, workerOf) {
      const alignment = new SharedArrayBuffer(SourceAlignment.bytes(graph, plan.parallelism))
      const ways = shareWorkerWays(plan, (slot) => slots.has(slot))
      return {
        createBridge: (send) => new RingBridge({ plan, ways, alignment, workerOf, send }),
        start: (index, begin) => slots.get(index)!.start({ ...begin, shared: ways.shared.get(index), alignment }),
      }
    },
  }
}
