import type { StreamElement } from '../record.ts'
import type { InputChannel, OutputChannel } from '../subtask/ports.ts'

/** Both ends of a way between two subtasks of one thread. It holds few elements, so that back-pressure is exercised. */
export class MemoryChannel implements InputChannel, OutputChannel {
  readonly #capacity: number
  readonly #elements: StreamElement[] = []
  #wake = () => {}
  #waiting: (() => void)[] = []
  #cancelled = false

  constructor(capacity = 2) {
    this.#capacity = capacity
  }

  send(element: StreamElement): void | Promise<void> {
    // As any real way does: what is sent must be data, and is no longer the sender's.
    this.#elements.push(structuredClone(element))
    this.#wake()
    if (this.#elements.length > this.#capacity && !this.#cancelled)
      return new Promise((resolve) => this.#waiting.push(resolve))
  }

  take(): StreamElement | undefined {
    const element = this.#elements.shift()
    if (this.#elements.length <= this.#capacity) this.#release()
    return element
  }

  onArrival(wake: () => void): void {
    this.#wake = wake
  }

  /** The attempt ends: nobody waits any more. */
  cancel(): void {
    this.#cancelled = true
    this.#release()
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
