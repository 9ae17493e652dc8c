import type { ChangeKind } from '@lightflus/api'
import { noTimestamp, type ConnectorContext, type RecordBatch, type SinkWriter } from '@lightflus/engine'
import { copyData } from './copy-data.ts'

/** A record that came out of the job, with all that is known of it. */
export interface OutputRecord<T = unknown> {
  readonly value: T
  /** Event time, milliseconds since the epoch; null where it has none. */
  readonly timestamp: number | null
  /** What it does to its row: always `insert` but in changelogs. */
  readonly change: ChangeKind
  /**
   * What the functions of the sink made of the record, by their names: `value` and `key` of a Kafka sink, `row` of a
   * MySQL one. Empty for side outputs.
   */
  readonly written: Readonly<Record<string, unknown>>
}

/** Keeps what reaches a sink, and calls the sink's own functions, so that what they throw comes to light. */
export function createCollectingWriter(
  { operator, rejectRecord }: ConnectorContext<'sink'>,
  collected: OutputRecord[],
): SinkWriter {
  const functions = Object.entries(operator.functions)
  return {
    open: () => Promise.resolve(),
    write(values, timestamps, changes) {
      for (let index = 0; index < values.length; index++) {
        const written: Record<string, unknown> = {}
        try {
          for (const [name, fn] of functions) written[name] = fn(values[index])
        } catch (thrown) {
          rejectRecord(thrown, { index })
          continue
        }
        collected.push(outputRecord(values[index], timestamps[index], changes?.[index], written))
      }
    },
    flush: () => Promise.resolve(),
    bytesWritten: () => 0,
    close: () => Promise.resolve(),
  }
}

/** The records of a batch as a test reads them. */
export function outputRecords({ values, timestamps, changes }: RecordBatch): OutputRecord[] {
  return values.map((value, index) => outputRecord(value, timestamps[index], changes?.[index], {}))
}

function outputRecord(
  value: unknown,
  timestamp: number,
  change: ChangeKind = 'insert',
  written: Readonly<Record<string, unknown>>,
): OutputRecord {
  return {
    // Copied now: what the job changes in place later must not show.
    value: copyData(value, ownCopy),
    timestamp: timestamp === noTimestamp ? null : timestamp,
    change,
    written: copyData(written, ownCopy),
  }
}

/** Collections are copied as well; what else a record may hold (dates, instances of classes) is left as it is. */
function ownCopy(value: object): unknown {
  return value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) ? structuredClone(value) : value
}
