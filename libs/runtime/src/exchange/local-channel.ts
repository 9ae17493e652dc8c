import type { InputChannel, OutputChannel } from '@lightflus/engine'
import { Credit } from './credit.ts'
import { ElementQueue } from './element-queue.ts'

/** A channel between two subtasks of one slot: elements are handed over as they are. */
export function localChannel(signal: AbortSignal): { readonly input: InputChannel; readonly output: OutputChannel } {
  const credit = new Credit(signal)
  const input = new ElementQueue(() => credit.earn(1))
  return {
    input,
    output: {
      send(element) {
        if (signal.aborted) return undefined
        input.push(element)
        return credit.spend()
      },
    },
  }
}
