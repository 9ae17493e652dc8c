import { LightflusError } from '@lightflus/api'
import type { PushedRecord, PushedRecords } from './pushed-source.ts'

export interface PushOptions<T> {
  /**
   * Event time, milliseconds since the epoch, or a function of the record that tells it. Default: what the source's
   * `eventTime` says; without one the record has none.
   */
  readonly at?: number | ((record: T) => number)
}

/** What a test pushes to one source. Every call resolves when the job has done all that it can do with it. */
export class TestInput<T = unknown> {
  readonly #source: string
  readonly #pushed: PushedRecords
  readonly #settle: () => Promise<void>

  /** @internal Made by `test.input`. */
  constructor(source: string, pushed: PushedRecords, settle: () => Promise<void>) {
    this.#source = source
    this.#pushed = pushed
    this.#settle = settle
  }

  /**
   * A record as the source emits it: decoded and valid.
   * @throws what the program makes of it, under `onError: 'fail'`.
   */
  push(record: T, options?: PushOptions<T>): Promise<void> {
    return this.pushAll([record], options)
  }

  /** Several records in one batch, in this order. */
  pushAll(records: readonly T[], { at }: PushOptions<T> = {}): Promise<void> {
    return this.#push(
      records.map((content) => ({ content, isPayload: false, at: typeof at === 'function' ? at(content) : at })),
    )
  }

  /** What the outside system holds (text, bytes): the source's own format and schema make a record of it. */
  pushPayload(payload: unknown, { at }: { readonly at?: number } = {}): Promise<void> {
    return this.#push([{ content: payload, isPayload: true, at }])
  }

  /** Says that no record with an event time before this one will follow. Nothing else moves the source's watermark. */
  watermark(time: number): Promise<void> {
    this.#assertOpen('a watermark')
    this.#pushed.watermark(time)
    return this.#settle()
  }

  /** The source has ended: its last watermark goes on, and nothing can follow. */
  end(): Promise<void> {
    this.#pushed.end()
    return this.#settle()
  }

  #push(records: readonly PushedRecord[]): Promise<void> {
    this.#assertOpen('a record')
    this.#pushed.push(records)
    return this.#settle()
  }

  #assertOpen(what: string): void {
    if (this.#pushed.ended)
      throw new LightflusError('LF_TEST_USAGE', `Source ${this.#source} has ended, and cannot be given ${what}.`)
  }
}
