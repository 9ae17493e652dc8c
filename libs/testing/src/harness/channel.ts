import type { InputChannel, OutputChannel, StreamElement } from '@lightflus/engine'
import { copyData } from './copy-data.ts'

/** Elements that wait at once before the sender is held back: few, so that jobs see back-pressure. */
const elementsMax = 4

/** Both ends of a way between two subtasks. What crosses it is copied, as between threads: it has to be data. */
export class Channel implements InputChannel, OutputChannel {
  readonly #elements: StreamElement[] = []
  readonly #waiting: (() => void)[] = []
  #wake = () => {}
  #cancelled = false

  send(element: StreamElement): void | Promise<void> {
    this.#elements.push(copyData(element, (value) => structuredClone(value)))
    this.#wake()
    if (this.#elements.length > elementsMax && !this.#cancelled)
      return new Promise((resolve) => this.#waiting.push(resolve))
  }

  take(): StreamElement | undefined {
    const element = this.#elements.shift()
    if (this.#elements.length <= elementsMax) this.#release()
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
