import { Inject, Injectable } from '@nestjs/common'
import { type Clock, CLOCK } from '../platform/clock.ts'

/** Without a heartbeat for this long, the platform itself was away. */
const gapMsMax = 15_000

/**
 * Where workers reach this control plane, and since when it could have heard them: since its start, or since it came
 * back from a time in which it could not work (a database that was down, a machine that slept).
 */
@Injectable()
export class Listening {
  readonly #clock: Clock
  #url: string | undefined
  #since = 0
  #lastBeatAt = 0

  constructor(@Inject(CLOCK) clock: Clock) {
    this.#clock = clock
  }

  begin(url: string): void {
    this.#url = url
    this.#since = this.#lastBeatAt = this.#clock.now()
  }

  /** Called regularly while the platform can work. */
  heartbeat(): void {
    this.#since = this.since
    this.#lastBeatAt = this.#clock.now()
  }

  get since(): number {
    const now = this.#clock.now()
    return now - this.#lastBeatAt > gapMsMax ? now : this.#since
  }

  get url(): string {
    if (this.#url === undefined) throw new Error('the control plane does not listen yet')
    return this.#url
  }
}
