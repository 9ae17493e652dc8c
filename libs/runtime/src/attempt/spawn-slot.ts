import type { LightflusError } from '@lightflus/api'
import type { ResolvedOptions } from '../deployment-options.ts'
import type { MessageFromSlot, MessageToSlot } from '../slot/messages.ts'
import { SlotThread } from './slot-thread.ts'
import type { StackFrame } from './stack-probe.ts'

/**
 * How much of a slot's heap its operators may hold in state. What lies in buffers is not in the heap, but memory is promised
 * to a slot by the size of its heap, and the rest of it takes little where state is in buffers.
 */
const stateShare = 0.75

/** A slot as its coordinator sees it, whoever hosts it. */
export interface AttemptSlot {
  readonly index: number
  post(message: Exclude<MessageToSlot, { type: 'start' }>): void
  /** Ends the slot wherever it is; whether it has ended. */
  terminate(): Promise<boolean>
}

/** A slot in a thread of this process. */
export function spawnSlot(
  options: ResolvedOptions,
  slot: {
    readonly index: number
    readonly bundleUrl: string
    readonly now: () => number
    readonly onMessage: (message: MessageFromSlot) => void
    readonly onFailure: (error: LightflusError, stack: readonly StackFrame[]) => void
  },
): SlotThread {
  const { jobName, parallelism, connections, connectors, dropState, slotHeapBytesMax, limits } = options
  const { index, bundleUrl, now, onMessage, onFailure } = slot
  return new SlotThread({
    setup: {
      job: jobName,
      index,
      parallelism,
      bundleUrl,
      connections,
      connectors: connectors ?? {},
      dropState: dropState ?? [],
      stateFolder: options.stateBackend === 'disk' ? options.stateFolder : undefined,
      stateBytesMax: stateShare * slotHeapBytesMax,
      logLinesPerSecondMax: limits.logLinesPerSecondMax,
    },
    storage: options.storage,
    heapBytesMax: slotHeapBytesMax,
    nodeOptions: options.slotNodeOptions,
    silenceMsMax: limits.slotSilenceMsMax,
    standardOutput: options.standardOutput,
    now,
    onMessage,
    onFailure,
  })
}
