import type { RejectedRecord, SinkWriter } from '../connector.ts'
import type { Encoded, RecordEncoder } from '../encode/compile-encoder.ts'
import type { RecordBatch } from '../record.ts'
import { selectRecords } from '../record-batch.ts'
import type { PreparedOutput } from '../sink-commits.ts'
import type { SubtaskCheckpoints } from '../subtask/subtask-options.ts'
import type { Operator, OperatorContext } from './operator.ts'
import { SinkOutput } from './sink-output.ts'

/** Makes the connector's writer, which reports records that it cannot write. */
export type CreateWriter = (rejectRecord: (thrown: unknown, record?: RejectedRecord) => void) => SinkWriter

export interface Sink extends Operator {
  /** The function whose results its writer takes as texts: see `SinkWriter.encodes`. */
  readonly encodes: string | undefined
  /** From now on records that this can write reach the writer as texts. */
  encodeBy(encoder: RecordEncoder): void
  /** What the latest `flush` prepared, until `commit` takes it; undefined where its writer commits nothing. */
  readonly prepared: PreparedOutput | undefined
  /** The checkpoint that names what is prepared exists. May overlap all other calls but itself. */
  commit(): Promise<void>
}

/**
 * Hands every record to a connector's writer, which may hold the subtask back. At each barrier and at the end of input
 * the writer has all of it acknowledged outside; or it prepares it, and what was prepared is the sink's only state. It
 * emits nothing, and a watermark means nothing to it. When it opens, it first settles what former attempts left.
 * @param checkpoints absent: it writes at least once, whatever its writer could do
 */
export function createSink(
  context: OperatorContext<'sink'>,
  createWriter: CreateWriter,
  checkpoints?: SubtaskCheckpoints,
): Sink {
  const { metrics, failures } = context
  /** What the writer was given last. */
  let latest: RecordBatch | undefined
  const writer = createWriter((thrown, record) =>
    failures.threw(
      thrown,
      record === undefined || 'partition' in record ? record : latest && { batch: latest, index: record.index },
    ),
  )
  let encoder: RecordEncoder | undefined
  let isOpen = false
  const output = new SinkOutput(context, writer, checkpoints)

  async function open(): Promise<void> {
    isOpen = true
    await writer.open()
    await output.resume()
  }

  async function flush(checkpoint: number): Promise<void> {
    await output.flush(checkpoint)
    metrics.bytesOut = writer.bytesWritten()
  }

  const take = createTake(context, writer, {
    encoder: () => encoder,
    onGiven: (batch) => {
      latest = batch
    },
  })

  return {
    encodes: writer.writeEncoded ? writer.encodes : undefined,
    encodeBy(made) {
      encoder = made
    },
    restore: ({ subtasks }) => output.restore(subtasks),
    open,
    processBatch: take,
    onWatermark() {},
    snapshot: () => output.state,
    flush,
    endInput() {},
    get prepared() {
      return output.prepared
    },
    commit: () => output.commit(),
    close: () => (isOpen ? writer.close() : undefined),
  }
}

/** What hands a batch to the writer: as texts where they can be made, else as values. */
function createTake(
  { metrics, failures }: OperatorContext<'sink'>,
  writer: SinkWriter,
  {
    encoder,
    onGiven,
  }: { readonly encoder: () => RecordEncoder | undefined; readonly onGiven: (batch: RecordBatch) => void },
): (batch: RecordBatch) => void | Promise<void> {
  function write(batch: RecordBatch, call: () => void | Promise<void>): void | Promise<void> {
    onGiven(batch)
    const skippedBefore = metrics.recordsSkipped
    const wait = call()
    metrics.recordsOut += batch.values.length - (metrics.recordsSkipped - skippedBefore)
    metrics.bytesOut = writer.bytesWritten()
    return wait
  }

  const writePlain = (batch: RecordBatch) =>
    write(batch, () => writer.write(batch.values, batch.timestamps, batch.changes))

  function writeTexts(batch: RecordBatch, { records, indices }: Encoded): void | Promise<void> {
    const isAll = records.length === batch.values.length
    const own = isAll ? batch : selectRecords(batch, Array.from(indices.subarray(0, records.length)))
    return write(own, () => writer.writeEncoded!(records, own.timestamps))
  }

  /** Texts as far as there are any, then records that have none, and so on, so that all are written in their order. */
  function writeFrom(batch: RecordBatch, rows: readonly number[], from: number): void | Promise<void> {
    const count = batch.values.length
    const failed = (thrown: unknown, index: number) => failures.threw(thrown, { batch, index })
    for (let next = from; next < count;) {
      const encoded = encoder()!.encode(batch.values, rows, next, failed)
      let wait: void | Promise<void> = undefined
      if (encoded.next === next) {
        const plain = plainFrom(rows, next)
        wait = writePlain(selectRecords(batch, plain))
        next += plain.length
      } else {
        if (encoded.records.length > 0) wait = writeTexts(batch, encoded)
        next = encoded.next
      }
      if (wait) return next < count ? wait.then(() => writeFrom(batch, rows, next)) : wait
    }
  }

  return (batch) => {
    const { scanned } = batch
    return encoder() && scanned ? writeFrom(batch, scanned.rows, 0) : writePlain(batch)
  }
}

/** One that cannot be written as text, and those behind it that come from no scan. */
function plainFrom(rows: readonly number[], from: number): number[] {
  const indices = [from]
  for (let index = from + 1; index < rows.length && rows[index] < 0; index++) indices.push(index)
  return indices
}
