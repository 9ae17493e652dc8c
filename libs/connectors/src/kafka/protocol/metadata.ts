import type { KafkaRequest } from './request.ts'
import { WireError } from './wire.ts'

export interface PartitionMetadata {
  readonly error: number
  readonly number: number
  /** Node id of the leader; -1: there is none at the moment. */
  readonly leader: number
}

export interface TopicMetadata {
  readonly error: number
  readonly name: string
  /** Identity of the topic: another for each that ever bore the name. 32 hexadecimal digits. */
  readonly id: string
  readonly partitions: readonly PartitionMetadata[]
}

export interface BrokerAddress {
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

export interface ClusterMetadata {
  readonly brokers: readonly BrokerAddress[]
  readonly topics: readonly TopicMetadata[]
}

const noId = '0'.repeat(32)

/** Asks for the named topics, or for all. Topics are never created by asking. */
export const metadata: KafkaRequest<readonly string[] | 'all', ClusterMetadata> = {
  name: 'Metadata',
  key: 3,
  version: 12,
  isFlexible: true,
  encode: (writer, topics) => {
    if (topics === 'all') writer.unsignedVarint(0)
    else writer.compactArray(topics, (name) => writer.uuid(noId).compactString(name).noTags())
    writer.boolean(false).boolean(false).noTags()
  },
  decode: (reader) => {
    reader.int32()
    const brokers = reader.compactArray(() => {
      const broker = { nodeId: reader.int32(), host: reader.compactString(), port: reader.int32() }
      reader.compactNullableString()
      reader.tags()
      // Such a one could not be connected to; without a name it would be this very machine.
      if (broker.host === '' || broker.port < 1 || broker.port > 65_535)
        throw new WireError(`broker ${broker.nodeId} is said to be at ${broker.host}:${broker.port}`)
      return broker
    })
    reader.compactNullableString()
    reader.int32()
    const topics = reader.compactArray(() => {
      const error = reader.int16()
      const name = reader.compactString()
      const id = reader.uuid()
      reader.boolean()
      const partitions = reader.compactArray(() => {
        const partition = { error: reader.int16(), number: reader.int32(), leader: reader.int32() }
        reader.int32()
        if (partition.number < 0) throw new WireError(`a partition has number ${partition.number}`)
        for (let lists = 0; lists < 3; lists++) reader.compactArray(() => reader.int32())
        reader.tags()
        return partition
      })
      reader.int32()
      reader.tags()
      return { error, name, id, partitions }
    })
    return { brokers, topics }
  },
}
