import type { Json } from '@lightflus/api'
import { TextListWriter, type TextList } from './text-lists.ts'

/** What was written between two barriers. */
export interface StagedSegment {
  /** The checkpoint whose barrier ended it. */
  readonly checkpoint: number
  /** What its lists are, in the sink's own terms: another version of the program may have to write them. */
  readonly head: Json
  readonly count: number
  /** See `text-lists.ts`. */
  readonly bytes: Uint8Array
}

/** Output that waits for its checkpoint, in order. What an aborted checkpoint held stays for the next one. */
export class StagedOutput {
  readonly #open = new TextListWriter()
  #segments: StagedSegment[] = []
  #cutBytes = 0

  /** Of all that waits. */
  get bytes(): number {
    return this.#cutBytes + this.#open.bytes
  }

  add(texts: TextList): number {
    return this.#open.add(texts)
  }

  /** @returns all that waits, up to the barrier of `checkpoint` */
  cut(checkpoint: number, head: () => Json): readonly StagedSegment[] {
    if (this.#open.count > 0) {
      const count = this.#open.count
      const bytes = this.#open.take()
      this.#segments.push({ checkpoint, head: head(), count, bytes })
      this.#cutBytes += bytes.length
    }
    return [...this.#segments]
  }

  /** What was cut at the barrier of `checkpoint` or before. */
  upTo(checkpoint: number): readonly StagedSegment[] {
    return this.#segments.filter((segment) => segment.checkpoint <= checkpoint)
  }

  /** It is in the target. */
  drop(segments: readonly StagedSegment[]): void {
    for (const { bytes } of segments) this.#cutBytes -= bytes.length
    this.#segments = this.#segments.filter((segment) => !segments.includes(segment))
  }
}
