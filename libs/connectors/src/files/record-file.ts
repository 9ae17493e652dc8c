import type { SourceBatch } from '@lightflus/engine'
import type { FilePosition } from './file-cutter.ts'
import type { RowPosition } from './parquet-file.ts'

/** Where to go on in a file: of lines or of rows. */
export type RecordPosition = FilePosition | RowPosition

/** One file that is open, as records. */
export interface RecordFile {
  /** What is at hand, without waiting: so many records at most. */
  take(recordsMax: number): Omit<SourceBatch, 'partition'> | undefined
  /** Brings more within reach of `take`, a bounded piece at a time; false at the end of the file. */
  read(): Promise<boolean>
  /** Where to go on after all that `take` has returned. */
  position(): RecordPosition
  close(): Promise<void>
}
