import type { KafkaRequest } from './request.ts'

/** Instead of a time: the first offset that is there, and the one behind the last. */
export const earliest = -2
export const latest = -1

/** Readers see records of committed transactions only. */
export const readCommitted = 1

export interface PartitionOffset {
  readonly partition: number
  readonly error: number
  /** -1 where nothing was found. */
  readonly offset: number
}

export const listOffsets: KafkaRequest<
  { readonly topic: string; readonly partitions: readonly number[]; readonly timestamp: number },
  readonly PartitionOffset[]
> = {
  name: 'ListOffsets',
  key: 2,
  version: 3,
  isFlexible: false,
  encode: (writer, { topic, partitions, timestamp }) => {
    writer.int32(-1).int8(readCommitted)
    writer.array([topic], () =>
      writer.string(topic).array(partitions, (partition) => writer.int32(partition).int64(timestamp)),
    )
  },
  decode: (reader) => {
    reader.int32()
    return reader
      .array(() => {
        reader.string()
        return reader.array(() => {
          const partition = reader.int32()
          const error = reader.int16()
          reader.int64()
          return { partition, error, offset: reader.int64() }
        })
      })
      .flat()
  },
}

export const findCoordinator: KafkaRequest<
  string,
  { readonly error: number; readonly message: string | null; readonly nodeId: number }
> = {
  name: 'FindCoordinator',
  key: 10,
  version: 2,
  isFlexible: false,
  encode: (writer, group) => void writer.string(group).int8(0),
  decode: (reader) => {
    reader.int32()
    const error = reader.int16()
    const message = reader.nullableString()
    return { error, message, nodeId: reader.int32() }
  },
}

export interface GroupOffsets {
  readonly group: string
  readonly topic: string
  readonly offsets: readonly { readonly partition: number; readonly offset: number }[]
}

/** Commits for a group without members, as tools do that only show progress there. */
export const offsetCommit: KafkaRequest<
  GroupOffsets,
  readonly { readonly partition: number; readonly error: number }[]
> = {
  name: 'OffsetCommit',
  key: 8,
  version: 5,
  isFlexible: false,
  encode: (writer, { group, topic, offsets }) => {
    writer.string(group).int32(-1).string('')
    writer.array([topic], () =>
      writer
        .string(topic)
        .array(offsets, ({ partition, offset }) => writer.int32(partition).int64(offset).string(null)),
    )
  },
  decode: (reader) => {
    reader.int32()
    return reader
      .array(() => {
        reader.string()
        return reader.array(() => ({ partition: reader.int32(), error: reader.int16() }))
      })
      .flat()
  },
}

export const offsetFetch: KafkaRequest<
  { readonly group: string; readonly topic: string; readonly partitions: readonly number[] },
  { readonly error: number; readonly partitions: readonly PartitionOffset[] }
> = {
  name: 'OffsetFetch',
  key: 9,
  version: 5,
  isFlexible: false,
  encode: (writer, { group, topic, partitions }) => {
    writer.string(group)
    writer.array([topic], () => writer.string(topic).array(partitions, (partition) => writer.int32(partition)))
  },
  decode: (reader) => {
    reader.int32()
    const partitions = reader
      .array(() => {
        reader.string()
        return reader.array(() => {
          const partition = reader.int32()
          const offset = reader.int64()
          reader.int32()
          reader.nullableString()
          return { partition, offset, error: reader.int16() }
        })
      })
      .flat()
    return { partitions, error: reader.int16() }
  },
}
