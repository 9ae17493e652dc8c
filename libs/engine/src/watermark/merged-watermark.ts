import { maxWatermark, minWatermark } from '../record.ts'

interface Input {
  timestamp: number
  idle: boolean
}

/**
 * One watermark out of several inputs' (partitions of a source, channels of a gate): the least of all that count.
 * Idle inputs do not count, and those that have ended (their watermark is the last one) do not either. It never goes
 * back, nor does that of any input. When all are idle it is the greatest, since none holds it back.
 */
export class MergedWatermark<Id> {
  readonly #inputs = new Map<Id, Input>()
  #timestamp: number
  #idle = false

  constructor(timestamp = minWatermark) {
    this.#timestamp = timestamp
  }

  get timestamp(): number {
    return this.#timestamp
  }

  /** Every input that has not ended is idle, or there is none. */
  get idle(): boolean {
    return this.#idle
  }

  ids(): IterableIterator<Id> {
    return this.#inputs.keys()
  }

  set(id: Id, timestamp: number, idle: boolean): void {
    const input = this.#inputs.get(id)
    if (input === undefined) this.#inputs.set(id, { timestamp, idle })
    else {
      input.timestamp = Math.max(input.timestamp, timestamp)
      input.idle = idle
    }
  }

  delete(id: Id): void {
    this.#inputs.delete(id)
  }

  /** Takes into account what was set since; true when the timestamp or the idleness is another than before. */
  advance(): boolean {
    let least = maxWatermark
    let greatest = minWatermark
    let live = 0
    let active = 0
    for (const { timestamp, idle } of this.#inputs.values()) {
      if (timestamp === maxWatermark) continue
      live++
      if (timestamp > greatest) greatest = timestamp
      if (idle) continue
      active++
      if (timestamp < least) least = timestamp
    }
    const allEnded = live === 0 && this.#inputs.size > 0
    const merged = allEnded ? maxWatermark : active > 0 ? least : greatest
    const timestamp = Math.max(this.#timestamp, merged)
    const idle = active === 0 && !allEnded
    const changed = timestamp !== this.#timestamp || idle !== this.#idle
    this.#timestamp = timestamp
    this.#idle = idle
    return changed
  }
}
