import { produceCodec } from './generated/produce.ts'
import type { BrokerAddress } from './metadata.ts'
import { kafkaCall } from './request.ts'

export interface ProduceRequest {
  readonly topic: string
  /**
   * Identity of the topic: brokers that can then refuse to write into another topic that bears the same name. Without
   * it they go by the name.
   */
  readonly topicId?: string
  /** The producer's transactional id, where the records belong to a transaction. */
  readonly transactionalId?: string
  readonly timeoutMs: number
  readonly partitions: readonly { readonly partition: number; readonly records: Uint8Array }[]
}

export interface ProducedPartition {
  readonly partition: number
  readonly error: number
  /** What the broker says of it. */
  readonly message: string | null
  /** Offset of the first record; -1 where nothing was written. */
  readonly baseOffset: number
  /** Node id of who leads now, where the one that was asked does not, and knows. */
  readonly newLeader?: number
}

export interface ProduceAnswer {
  readonly partitions: readonly ProducedPartition[]
  /** Where new leaders are. */
  readonly brokers: readonly BrokerAddress[]
}

/** The newest version that names topics by name. */
export const produceByNameMax = 12
/** The newest version in which a transaction is told of its partitions beforehand. */
export const produceWithAddedPartitionsMax = 11

/** Waits for all replicas that are in sync (acks=all). */
export const produce = kafkaCall(produceCodec, {
  toWire: ({ topic, topicId, transactionalId, timeoutMs, partitions }: ProduceRequest) => ({
    transactionalId: transactionalId ?? null,
    acks: -1,
    timeoutMs,
    topicData: [
      {
        name: topic,
        ...(topicId === undefined ? {} : { topicId }),
        partitionData: partitions.map(({ partition, records }) => ({ index: partition, records })),
      },
    ],
  }),
  fromWire: ({ responses, nodeEndpoints }): ProduceAnswer => ({
    brokers: nodeEndpoints,
    partitions: responses.flatMap(({ partitionResponses }) =>
      partitionResponses.map((produced) => ({
        partition: produced.index,
        error: produced.errorCode,
        message: produced.errorMessage ?? produced.recordErrors[0]?.batchIndexErrorMessage ?? null,
        baseOffset: produced.baseOffset,
        ...(produced.currentLeader.leaderId < 0 ? {} : { newLeader: produced.currentLeader.leaderId }),
      })),
    ),
  }),
})
