/** How often a slot that has nothing to do counts its heartbeat up, milliseconds. */
const idleBeatMs = 500

/** The slot's side: a number in shared memory that rises while the thread's loop turns. */
export class Heartbeat {
  readonly #count: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#count = new Int32Array(memory)
    setInterval(() => this.beat(), idleBeatMs).unref()
  }

  get count(): number {
    return this.#count[0]
  }

  /** Cheap enough for every batch. */
  beat(): void {
    this.#count[0] = (this.#count[0] + 1) | 0
  }
}
