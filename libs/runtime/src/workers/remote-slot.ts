import type { AttemptSlot } from '../attempt/spawn-slot.ts'
import type { ToWorker } from './control-messages.ts'

/** How long a worker may take to end a slot, milliseconds: longer than it waits itself. */
const terminateMsMax = 8_000

/** The coordinator's side of a slot that another worker hosts. */
export class RemoteSlot implements AttemptSlot {
  readonly index: number
  readonly worker: number
  readonly #send: (message: ToWorker) => void
  readonly #terminated = Promise.withResolvers<boolean>()
  #isOver = false

  constructor(index: number, worker: number, send: (message: ToWorker) => void) {
    this.index = index
    this.worker = worker
    this.#send = send
  }

  post(message: Parameters<AttemptSlot['post']>[0]): void {
    if (!this.#isOver) this.#send({ type: 'toSlot', slot: this.index, message })
  }

  async terminate(): Promise<boolean> {
    if (!this.#isOver) this.#send({ type: 'terminate', slot: this.index })
    const late = setTimeout(() => this.terminated(false), terminateMsMax)
    const hasEnded = await this.#terminated.promise
    clearTimeout(late)
    return hasEnded
  }

  /** Its worker has ended it, or is gone itself. */
  terminated(hasEnded: boolean): void {
    this.#isOver = true
    this.#terminated.resolve(hasEnded)
  }
}
