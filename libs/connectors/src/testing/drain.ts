import { crc32 } from 'node:zlib'
import { isPacked, payloadAt, type SourceBatch, type SourcePositions, type SourceReader } from '@lightflus/engine'

/** What was read, by partition, in the order of reading. */
export type ReadRecords = Map<string, unknown[]>

export interface Until {
  /** Records after which reading stops; default: the end of the source. */
  readonly count?: number
  /** Largest batch asked for. */
  readonly recordsMax?: number
  /** Milliseconds after which the test fails instead of waiting on. */
  readonly deadlineMs?: number
}

export const hasEnded = (reader: SourceReader): boolean =>
  reader.bounded && reader.partitions().every(({ ended }) => ended)

/** Polls as the engine does until `count` records have come or the source has ended. */
export async function drain(reader: SourceReader, into: ReadRecords, until: Until = {}): Promise<ReadRecords> {
  const { count = Infinity, recordsMax = 100, deadlineMs = 30_000 } = until
  const deadline = Date.now() + deadlineMs
  let read = 0
  while (read < count && !hasEnded(reader)) {
    const batch = await reader.poll(Math.min(recordsMax, count - read))
    if (Date.now() > deadline) throw new Error(`After ${deadlineMs} ms only ${read} records had come`)
    if (!batch) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      continue
    }
    const { partition, payloads, positions, timestamps } = batch
    if (payloads.length > recordsMax || positions.length !== payloads.length)
      throw new Error(
        `A batch of ${payloads.length} records with ${positions.length} positions; at most ${recordsMax} were asked for`,
      )
    if (timestamps && timestamps.length !== payloads.length) throw new Error('A batch lacks timestamps')
    if (!reader.partitions().some(({ name }) => name === partition))
      throw new Error(`A batch of partition ${partition}, which the reader does not name`)
    into.set(partition, [...(into.get(partition) ?? []), ...payloadsOf(batch)])
    read += payloads.length
  }
  return into
}

/** The payloads of a batch, for keeping: what is packed is gone with the next poll. */
export function payloadsOf(batch: SourceBatch | undefined): unknown[] {
  const payloads = batch?.payloads ?? []
  return Array.from({ length: payloads.length }, (_, index) => {
    const payload = payloadAt(payloads, index)
    return isPacked(payloads) && payload !== null ? Buffer.from(payload as Uint8Array) : payload
  })
}

/** The positions of several readers as one checkpoint holds them: merged, and through JSON. */
export const checkpointOf = (readers: readonly SourceReader[]): SourcePositions =>
  JSON.parse(JSON.stringify(Object.assign({}, ...readers.map((reader) => reader.positions())))) as SourcePositions

/** Records by partition in a form that compares well and stays readable where a test fails. */
export const summary = (records: ReadRecords): readonly (readonly [string, string[]])[] =>
  [...records]
    .filter(([, payloads]) => payloads.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([partition, payloads]) => [partition, payloads.map(summaryOf)] as const)

function summaryOf(payload: unknown): string {
  const text = JSON.stringify(payload)
  return text.length <= 100 ? text : `${text.slice(0, 40)}… ${text.length} characters, ${crc32(text)}`
}
