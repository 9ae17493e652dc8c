import type { RejectedRecord, SinkWriter } from '../connector.ts'
import type { RecordBatch } from '../record.ts'
import type { Operator, OperatorContext } from './operator.ts'

/** Makes the connector's writer, which reports records that it cannot write. */
export type CreateWriter = (rejectRecord: (thrown: unknown, record?: RejectedRecord) => void) => SinkWriter

/**
 * Hands every record to a connector's writer, which may hold the subtask back. At each barrier and at the end of input
 * the writer has all of it acknowledged outside. Keeps nothing itself and emits nothing; a watermark means nothing to it.
 */
export function createSink({ metrics, failures }: OperatorContext<'sink'>, createWriter: CreateWriter): Operator {
  let latest: RecordBatch | undefined
  const writer = createWriter((thrown, record) =>
    failures.threw(
      thrown,
      record === undefined || 'partition' in record ? record : latest && { batch: latest, index: record.index },
    ),
  )
  let isOpen = false

  async function flush(): Promise<void> {
    await writer.flush()
    metrics.bytesOut = writer.bytesWritten()
  }

  return {
    restore() {},
    open() {
      isOpen = true
      return writer.open()
    },
    processBatch(batch) {
      latest = batch
      const skippedBefore = metrics.recordsSkipped
      const wait = writer.write(batch.values, batch.timestamps, batch.changes)
      metrics.recordsOut += batch.values.length - (metrics.recordsSkipped - skippedBefore)
      metrics.bytesOut = writer.bytesWritten()
      return wait
    },
    onWatermark() {},
    snapshot: () => undefined,
    flush,
    endInput: flush,
    close: () => (isOpen ? writer.close() : undefined),
  }
}
