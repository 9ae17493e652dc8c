import { createHash } from 'node:crypto'

/** Texts that are remembered at a time. */
const textsMax = 100_000

/**
 * Keys that tell records apart, made of what is known again after a restart: the sink's subtask, the checkpoint after which
 * a record is written, its text, and how often the same text was written since that checkpoint.
 *
 * A number that is counted up would not do: after a restart records may come in another order, and one that was never
 * written would bear the number of one that was, and be left out by the other side. Equal texts are equal records, so of
 * those it does not matter which of them is left out.
 */
export class RecordKeys {
  readonly #place: string
  #since: string
  #counts = new Map<string, number>()
  /** Rises where more texts came than are remembered. */
  #part = 0

  /**
   * @param place what no other subtask of any sink has
   * @param since what no other stretch of this subtask's output has
   */
  constructor(place: string, since: string) {
    this.#place = place
    this.#since = since
  }

  /** What comes now was written after another checkpoint. */
  startAfter(since: string): void {
    this.#since = since
    this.#part = 0
    this.#counts.clear()
  }

  keyOf(text: string): string {
    if (this.#counts.size >= textsMax) {
      this.#counts.clear()
      this.#part++
    }
    const digest = createHash('sha256').update(text).digest('base64url')
    const count = this.#counts.get(digest) ?? 0
    this.#counts.set(digest, count + 1)
    return keyOfAll([this.#place, this.#since, String(this.#part), digest, String(count)])
  }
}

/** One key of several, which differs where they do. */
export const keyOfAll = (keys: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(keys)).digest('base64url').slice(0, 32)
