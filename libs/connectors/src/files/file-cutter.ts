/** Where to go on in a file. */
export interface FilePosition {
  /** Offset of the first byte that has not been read. */
  readonly byte: number
  /** Number of the line (or of the row, in CSV) that begins there, from 1. */
  readonly line: number
}

/** A record of a file. */
export interface FileRecord {
  readonly payload: unknown
  readonly line: number
  readonly bytes: number
}

/** Cuts the bytes of one file into records. Fed chunk by chunk; holds no more than one chunk and one record. */
export interface FileCutter {
  /** The next record, or undefined when it needs more bytes (or, after `end`, when there is none). */
  next(): FileRecord | undefined
  feed(chunk: Buffer): void
  /** There are no more bytes. */
  end(): void
  /** Where to go on after all that `next` has returned. */
  position(): FilePosition
}
