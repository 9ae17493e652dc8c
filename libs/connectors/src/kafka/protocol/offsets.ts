import { findCoordinatorCodec } from './generated/find-coordinator.ts'
import { listOffsetsCodec } from './generated/list-offsets.ts'
import { offsetCommitCodec } from './generated/offset-commit.ts'
import { offsetFetchCodec, type OffsetFetchResponsePartitions } from './generated/offset-fetch.ts'
import type { BrokerAddress } from './metadata.ts'
import { kafkaCall } from './request.ts'
import { WireError } from './wire.ts'

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

export const listOffsets = kafkaCall(listOffsetsCodec, {
  toWire: ({
    topic,
    partitions,
    timestamp,
  }: {
    readonly topic: string
    readonly partitions: readonly number[]
    readonly timestamp: number
  }) => ({
    replicaId: -1,
    isolationLevel: readCommitted,
    topics: [{ name: topic, partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp })) }],
  }),
  fromWire: ({ topics }): readonly PartitionOffset[] =>
    topics.flatMap(({ partitions }) =>
      partitions.map(({ partitionIndex, errorCode, offset }) => ({
        partition: partitionIndex,
        error: errorCode,
        offset,
      })),
    ),
})

/** What a coordinator keeps: the offsets of a group, or the transactions of a transactional id. */
export type CoordinatorOf = 'group' | 'transaction'

export interface FoundCoordinator extends BrokerAddress {
  readonly error: number
  readonly message: string | null
}

export const findCoordinator = kafkaCall(findCoordinatorCodec, {
  // Since version 4 several are asked for at once.
  toWire: ({ of, key }: { readonly of: CoordinatorOf; readonly key: string }, version) => ({
    keyType: of === 'group' ? 0 : 1,
    ...(version < 4 ? { key } : { coordinatorKeys: [key] }),
  }),
  fromWire: (answer, version): FoundCoordinator => {
    const found = version < 4 ? answer : answer.coordinators[0]
    if (!found) throw new WireError('FindCoordinator tells of no coordinator')
    const { errorCode, errorMessage, nodeId, host, port } = found
    return { error: errorCode, message: errorMessage, nodeId, host, port }
  },
})

export interface GroupOffsets {
  readonly group: string
  readonly topic: string
  readonly offsets: readonly { readonly partition: number; readonly offset: number }[]
}

/** Commits for a group without members, as tools do that only show progress there. */
export const offsetCommit = kafkaCall(offsetCommitCodec, {
  toWire: ({ group, topic, offsets }: GroupOffsets) => ({
    groupId: group,
    memberId: '',
    topics: [
      {
        name: topic,
        partitions: offsets.map(({ partition, offset }) => ({
          partitionIndex: partition,
          committedOffset: offset,
          committedMetadata: null,
        })),
      },
    ],
  }),
  fromWire: ({ topics }): readonly { readonly partition: number; readonly error: number }[] =>
    topics.flatMap(({ partitions }) =>
      partitions.map(({ partitionIndex, errorCode }) => ({ partition: partitionIndex, error: errorCode })),
    ),
})

export interface WantedOffsets {
  readonly group: string
  readonly topic: string
  readonly partitions: readonly number[]
  /**
   * Whether an offset whose transaction is being committed is an error that passes; otherwise the offset before is told.
   * Default: true.
   */
  readonly requireStable?: boolean
}

export interface FetchedOffset extends PartitionOffset {
  readonly metadata: string | null
}

export const offsetFetch = kafkaCall(offsetFetchCodec, {
  // Since version 8 several groups are asked for at once.
  toWire: ({ group, topic, partitions, requireStable = true }: WantedOffsets, version) => {
    const wanted = { groupId: group, topics: [{ name: topic, partitionIndexes: partitions }] }
    return { ...(version < 8 ? wanted : { groups: [wanted] }), requireStable }
  },
  fromWire: (answer, version): { readonly error: number; readonly partitions: readonly FetchedOffset[] } => {
    const found = version < 8 ? answer : answer.groups[0]
    if (!found) throw new WireError('OffsetFetch tells of no group')
    const topics: readonly { readonly partitions: readonly OffsetFetchResponsePartitions[] }[] = found.topics
    const partitions = topics.flatMap(({ partitions }) =>
      partitions.map(({ partitionIndex, errorCode, committedOffset, metadata }) => ({
        partition: partitionIndex,
        error: errorCode,
        offset: committedOffset,
        metadata,
      })),
    )
    return { error: found.errorCode, partitions }
  },
})
