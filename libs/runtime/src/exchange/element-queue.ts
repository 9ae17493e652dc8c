import type { InputChannel, StreamElement } from '@lightflus/engine'
import { elementsInFlightMax } from './exchange-limits.ts'

/**
 * The receiving end of a channel, whatever brings the elements. Clauses:
 *
 * 1. It never holds more than {@link elementsInFlightMax} elements: senders keep to their credit. (asserted)
 * 2. `onTaken` runs once for each element taken, in order.
 */
export class ElementQueue implements InputChannel {
  readonly #ring = new Array<StreamElement | undefined>(elementsInFlightMax)
  readonly #onTaken: () => void
  #head = 0
  #size = 0
  #wake: () => void = () => {}

  constructor(onTaken: () => void) {
    this.#onTaken = onTaken
  }

  get size(): number {
    return this.#size
  }

  push(element: StreamElement): void {
    if (this.#size === elementsInFlightMax) throw new Error('the sender of a channel has exceeded its credit')
    this.#ring[(this.#head + this.#size) % elementsInFlightMax] = element
    this.#size += 1
    if (this.#size === 1) this.#wake()
  }

  take(): StreamElement | undefined {
    if (this.#size === 0) return undefined
    const element = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) % elementsInFlightMax
    this.#size -= 1
    this.#onTaken()
    return element
  }

  onArrival(wake: () => void): void {
    this.#wake = wake
  }
}
