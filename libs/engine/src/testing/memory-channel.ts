import { everything, project } from '../field-use/demand.ts'
import type { RecordBatch, StreamElement } from '../record.ts'
import type { InputChannel, OutputChannel } from '../subtask/ports.ts'

/** Both ends of a way between two subtasks of one thread. It holds few elements, so that back-pressure is exercised. */
export class MemoryChannel implements InputChannel, OutputChannel {
  readonly #capacity: number
  readonly #wanted
  readonly #elements: StreamElement[] = []
  #wake = () => {}
  #waiting: (() => void)[] = []
  #cancelled = false

  /** @param wanted of the values: what is not does not arrive. Default: all. */
  constructor(capacity = 2, wanted = everything) {
    this.#capacity = capacity
    this.#wanted = wanted
  }

  send(element: StreamElement): void | Promise<void> {
    // As any real way does: what is sent must be data, and is no longer the sender's.
    const sent = structuredClone(element)
    this.#elements.push(sent.kind === 'batch' ? { ...sent, batch: this.#projected(sent.batch) } : sent)
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

  #projected(batch: RecordBatch): RecordBatch {
    return this.#wanted.whole ? batch : { ...batch, values: batch.values.map((value) => project(value, this.#wanted)) }
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
