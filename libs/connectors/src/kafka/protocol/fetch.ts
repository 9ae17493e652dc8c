import { readCommitted } from './offsets.ts'
import type { KafkaRequest } from './request.ts'

export interface FetchRequest {
  readonly topicId: string
  readonly partitions: readonly { readonly partition: number; readonly offset: number; readonly bytesMax: number }[]
  /** How long the broker waits for the first byte, milliseconds. */
  readonly waitMs: number
  readonly bytesMax: number
}

export interface FetchedPartition {
  readonly partition: number
  readonly error: number
  /** Where the log ends for a reader of committed records. */
  readonly lastStableOffset: number
  readonly logStartOffset: number
  /** Transactions that were aborted within the records. */
  readonly aborted: readonly AbortedTransaction[]
  /** Record batches, the last of which may be cut off. */
  readonly records: Buffer
}

export interface AbortedTransaction {
  readonly producerId: string
  readonly firstOffset: number
}

/**
 * Version 13 names the topic by its identity: a broker refuses to read on in another topic that bears the same name,
 * which a client could otherwise not tell.
 */
export const fetch: KafkaRequest<
  FetchRequest,
  { readonly error: number; readonly partitions: readonly FetchedPartition[] }
> = {
  name: 'Fetch',
  key: 1,
  version: 13,
  isFlexible: true,
  encode: (writer, { topicId, partitions, waitMs, bytesMax }) => {
    writer.int32(-1).int32(waitMs).int32(1).int32(bytesMax).int8(readCommitted)
    // No fetch session: every request is complete in itself.
    writer.int32(0).int32(-1)
    writer.compactArray([topicId], () => {
      writer.uuid(topicId).compactArray(partitions, ({ partition, offset, bytesMax }) => {
        writer.int32(partition).int32(-1).int64(offset).int32(-1).int64(-1).int32(bytesMax).noTags()
      })
      writer.noTags()
    })
    writer.compactArray([], () => undefined)
    writer.compactString('').noTags()
  },
  decode: (reader) => {
    reader.int32()
    const error = reader.int16()
    reader.int32()
    const topics = reader.compactArray(() => {
      reader.uuid()
      const partitions = reader.compactArray(() => {
        const partition = reader.int32()
        const error = reader.int16()
        reader.int64()
        const lastStableOffset = reader.int64()
        const logStartOffset = reader.int64()
        const aborted = reader.compactArray(() => {
          const transaction = { producerId: reader.identity64(), firstOffset: reader.int64() }
          reader.tags()
          return transaction
        })
        reader.int32()
        const records = reader.compactBytes()
        reader.tags()
        return { partition, error, lastStableOffset, logStartOffset, aborted, records }
      })
      reader.tags()
      return partitions
    })
    return { error, partitions: topics.flat() }
  },
}
