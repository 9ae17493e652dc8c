import type { KafkaRequest } from './request.ts'

export interface ProduceRequest {
  readonly topic: string
  readonly timeoutMs: number
  readonly partitions: readonly { readonly partition: number; readonly records: Uint8Array }[]
}

export interface ProducedPartition {
  readonly partition: number
  readonly error: number
  /** What the broker says of it. */
  readonly message: string | null
}

/** Waits for all replicas that are in sync (acks=all). */
export const produce: KafkaRequest<ProduceRequest, readonly ProducedPartition[]> = {
  name: 'Produce',
  key: 0,
  version: 8,
  isFlexible: false,
  encode: (writer, { topic, timeoutMs, partitions }) => {
    writer.string(null).int16(-1).int32(timeoutMs)
    writer.array([topic], () =>
      writer.string(topic).array(partitions, ({ partition, records }) => writer.int32(partition).byteString(records)),
    )
  },
  decode: (reader) =>
    reader
      .array(() => {
        reader.string()
        return reader.array(() => {
          const partition = reader.int32()
          const error = reader.int16()
          reader.skip(24)
          const records = reader.array(() => {
            reader.int32()
            return reader.nullableString()
          })
          return { partition, error, message: reader.nullableString() ?? records[0] ?? null }
        })
      })
      .flat(),
}
