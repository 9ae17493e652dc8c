import type { SourceBatch } from '@lightflus/engine'

/** Where to go on in a file. */
export interface FilePosition {
  /** Offset of the first byte that has not been read. */
  readonly byte: number
  /** Number of the line (or of the row, in CSV) that begins there, from 1. */
  readonly line: number
}

/** Records of a file: those of one `take`. Their positions are the numbers of their lines. */
export type CutRecords = Pick<SourceBatch, 'payloads' | 'positions' | 'bytes'>

/** Cuts the bytes of one file into records. Fed chunk by chunk; holds no more than one chunk and one record. */
export interface FileCutter {
  /**
   * The next records, so many at most, or undefined when it needs more bytes (or, after `end`, when there are none). What
   * is packed holds until the next call of `take` or `feed`.
   */
  take(recordsMax: number): CutRecords | undefined
  feed(chunk: Buffer): void
  /** There are no more bytes. */
  end(): void
  /** Where to go on after all that `take` has returned. */
  position(): FilePosition
}
