/** How often it is looked whether sources have got further, milliseconds. */
const lookMs = 50

/**
 * Copies how far the sources of a worker's slots are (see the engine's `SourceAlignment`) to the memory of all other workers.
 * What a source reads there may be old, and then too low: it waits a little longer, never too little.
 */
export class AlignmentMirror {
  readonly #cells: BigInt64Array
  readonly #parallelism: number
  readonly #own: readonly number[]
  readonly #send: (slot: number, cells: Uint8Array) => void
  readonly #sent = new Map<number, BigInt64Array>()
  readonly #timer: NodeJS.Timeout | undefined

  constructor(options: {
    /** For each source a cell of each slot. */
    readonly memory: SharedArrayBuffer
    readonly parallelism: number
    /** The slots of this worker. */
    readonly own: readonly number[]
    /** To all other workers. Copies the bytes. */
    readonly send: (slot: number, cells: Uint8Array) => void
  }) {
    this.#cells = new BigInt64Array(options.memory)
    this.#parallelism = options.parallelism
    this.#own = options.own
    this.#send = options.send
    if (this.#cells.length > 0) this.#timer = setInterval(() => this.look(), lookMs)
  }

  /** Sends what has changed. */
  look(): void {
    for (const slot of this.#own) {
      const now = this.#cellsOf(slot).map((cell) => Atomics.load(this.#cells, cell))
      const sent = this.#sent.get(slot)
      if (sent && now.every((cell, at) => cell === sent[at])) continue
      const cells = BigInt64Array.from(now)
      this.#sent.set(slot, cells)
      this.#send(slot, new Uint8Array(cells.buffer))
    }
  }

  receive(slot: number, bytes: Uint8Array): void {
    const told = new BigInt64Array(Uint8Array.from(bytes).buffer)
    for (const [at, cell] of this.#cellsOf(slot).entries()) Atomics.store(this.#cells, cell, told[at])
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #cellsOf(slot: number): number[] {
    const sources = this.#cells.length / this.#parallelism
    return Array.from({ length: sources }, (_, source) => source * this.#parallelism + slot)
  }
}
