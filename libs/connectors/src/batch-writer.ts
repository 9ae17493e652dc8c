export interface BatchWriterOptions<Item> {
  /** Largest number of items in one call of `send`. */
  readonly itemsMax: number
  /** Bytes after which a batch is closed; a single item may be larger. */
  readonly bytesMax: number
  /** How long an item waits for company, milliseconds. Default 5. */
  readonly lingerMs?: number
  /** Makes the items durable outside. Never called twice at a time; its failure is the writer's end. */
  readonly send: (items: Item[]) => Promise<void>
}

/**
 * The buffer of a sink. Items are sent in order, a batch at a time; while one is under way, at most one more is
 * gathered before {@link ready} holds the caller back. So memory is bounded by two batches and what one write brings.
 */
export class BatchWriter<Item> {
  readonly #options: BatchWriterOptions<Item>
  #waiting: { readonly item: Item; readonly bytes: number }[] = []
  #waitingBytes = 0
  #sending: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: BatchWriterOptions<Item>) {
    this.#options = options
  }

  add(item: Item, bytes: number): void {
    this.#waiting.push({ item, bytes })
    this.#waitingBytes += bytes
  }

  /** After each write: nothing when there is room, else a promise that settles when there is. Rejects after a failure. */
  ready(): void | Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.error)
    if (this.#isFull()) {
      this.#send()
      if (this.#isFull()) return this.#untilRoom()
    } else if (this.#waiting.length > 0 && !this.#sending) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        this.#send()
      }, this.#options.lingerMs ?? 5)
    }
  }

  async #untilRoom(): Promise<void> {
    while (this.#isFull()) {
      this.#send()
      await this.#sending
      if (this.#failure) throw this.#failure.error
    }
  }

  #isFull(): boolean {
    return this.#waiting.length >= this.#options.itemsMax || this.#waitingBytes >= this.#options.bytesMax
  }

  /** Sends the next batch unless one is under way, and goes on with what is full or was lingering meanwhile. */
  #send(): void {
    if (this.#sending || this.#failure || this.#waiting.length === 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sending = this.#options.send(this.#takeBatch()).then(
      () => this.#sent(),
      (error: unknown) => {
        this.#sending = undefined
        this.#failure = { error }
      },
    )
  }

  #sent(): void {
    this.#sending = undefined
    // What gathered meanwhile has waited as long as the call took: that was its linger.
    this.#send()
  }

  #takeBatch(): Item[] {
    const { itemsMax, bytesMax } = this.#options
    let count = 0
    let bytes = 0
    while (count < this.#waiting.length && count < itemsMax) {
      const next = this.#waiting[count]!.bytes
      if (count > 0 && bytes + next > bytesMax) break
      bytes += next
      count++
    }
    this.#waitingBytes -= bytes
    return this.#waiting.splice(0, count).map(({ item }) => item)
  }

  /** Sends everything; rejects with what made a send fail. */
  async flush(): Promise<void> {
    while (this.#sending || (this.#waiting.length > 0 && !this.#failure)) {
      this.#send()
      await this.#sending
    }
    if (this.#failure) throw this.#failure.error
  }

  /** Drops what waits, of which no flush can then say that it is durable. A send that is under way is the sink's to end. */
  close(): void {
    clearTimeout(this.#timer)
    if (this.#waiting.length > 0)
      this.#failure ??= { error: new Error('The sink was closed before it had written everything') }
    this.#waiting = []
    this.#waitingBytes = 0
  }
}
