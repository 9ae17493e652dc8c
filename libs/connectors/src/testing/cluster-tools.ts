import type { ResolvedConnection } from '@lightflus/engine'
import { uniqueName, until, type KafkaCluster } from '@lightflus/testing/services'
import { Broker } from '../kafka/network/broker.ts'
import { alterPartitionReassignmentsCodec } from '../kafka/protocol/generated/alter-partition-reassignments.ts'
import { createTopicsCodec } from '../kafka/protocol/generated/create-topics.ts'
import { deleteTopicsCodec } from '../kafka/protocol/generated/delete-topics.ts'
import { electLeadersCodec } from '../kafka/protocol/generated/elect-leaders.ts'
import { metadataCodec } from '../kafka/protocol/generated/metadata.ts'
import { errorCode, errorName, plainCall } from '../kafka/protocol/request.ts'

/** Numbers of the brokers that hold each partition; the first leads where it may. */
export type Replicas = readonly (readonly number[])[]

export interface PartitionState {
  readonly leader: number
  /** Those that have everything. */
  readonly inSync: readonly number[]
}

const timeoutMs = 20_000
const topicsOf = plainCall(metadataCodec)
const createTopics = plainCall(createTopicsCodec)
const deleteTopics = plainCall(deleteTopicsCodec)
const electLeaders = plainCall(electLeadersCodec)
const reassign = plainCall(alterPartitionReassignmentsCodec)

/** Moves partitions about in a cluster, by way of its first broker. */
export class ClusterTools {
  readonly #cluster: KafkaCluster
  readonly #broker: Broker

  private constructor(cluster: KafkaCluster, broker: Broker) {
    this.#cluster = cluster
    this.#broker = broker
  }

  static async connect(cluster: KafkaCluster): Promise<ClusterTools> {
    const [host, port] = cluster.address(1).split(':')
    const options = { connection: 'tools', seeds: [], tls: undefined, sasl: undefined }
    return new ClusterTools(cluster, await Broker.connect(options, { host: host!, port: Number(port) }))
  }

  /** A connection that names the first broker only, as the one that stays. */
  get connection(): ResolvedConnection {
    return { name: 'shop', kind: 'kafka', options: { brokers: [this.#cluster.address(1)] } }
  }

  async topic(
    replicas: Replicas,
    config: Readonly<Record<string, string>> = {},
    name: string = uniqueName('cluster'),
  ): Promise<string> {
    const assignments = replicas.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }))
    // Records that tests write may be old, and a broker looks for those that are too old while a test runs.
    const configs = Object.entries({ 'retention.ms': '-1', ...config }).map(([name, value]) => ({ name, value }))
    const topics = [{ name, numPartitions: -1, replicationFactor: -1, assignments, configs }]
    const answer = await this.#broker.send(createTopics, { topics, timeoutMs }, { waitMs: timeoutMs })
    check(answer.topics[0]!)
    await until(async () => (await this.partitions(name)).length === replicas.length, { what: `topic ${name}` })
    return name
  }

  async deleteTopic(name: string): Promise<void> {
    const topics = [{ name, topicId: '0'.repeat(32) }]
    const answer = await this.#broker.send(deleteTopics, { topics, timeoutMs }, { waitMs: timeoutMs })
    check(answer.responses[0]!)
  }

  /** By the number of the partition. */
  async partitions(topic: string): Promise<PartitionState[]> {
    const topics = [{ topicId: '0'.repeat(32), name: topic }]
    const answer = await this.#broker.send(topicsOf, { topics, includeTopicAuthorizedOperations: false })
    return answer.topics[0]!.partitions.toSorted((a, b) => a.partitionIndex - b.partitionIndex).map(
      ({ leaderId, isrNodes }) => ({ leader: leaderId, inSync: isrNodes.toSorted((a, b) => a - b) }),
    )
  }

  /** Waits until the partitions are led by these. */
  async ledBy(topic: string, leaders: readonly number[]): Promise<void> {
    await until(async () => String((await this.partitions(topic)).map(({ leader }) => leader)) === String(leaders), {
      what: `leaders ${leaders.join()} of ${topic}`,
    })
  }

  /** Waits until every replica of the partitions has everything. */
  async inSync(topic: string, replicas: Replicas): Promise<void> {
    const wanted = JSON.stringify(replicas.map((nodes) => nodes.toSorted((a, b) => a - b)))
    await until(async () => JSON.stringify((await this.partitions(topic)).map(({ inSync }) => inSync)) === wanted, {
      what: `all replicas of ${topic} to be in sync`,
    })
  }

  /** Gives each partition the leader that its replicas name first. */
  async electPreferred(topic: string, partitions: readonly number[]): Promise<void> {
    const request = { electionType: 0, topicPartitions: [{ topic, partitions }], timeoutMs }
    const answer = await this.#broker.send(electLeaders, request, { waitMs: timeoutMs })
    for (const result of answer.replicaElectionResults[0]?.partitionResult ?? [])
      if (result.errorCode !== errorCode.electionNotNeeded) check(result)
  }

  /** Moves partitions to other brokers. */
  async move(topic: string, replicas: Replicas): Promise<void> {
    const partitions = replicas.map((nodes, partitionIndex) => ({ partitionIndex, replicas: nodes }))
    const answer = await this.#broker.send(reassign, { timeoutMs, topics: [{ name: topic, partitions }] })
    check(answer)
    for (const partition of answer.responses[0]!.partitions) check(partition)
  }

  close(): void {
    this.#broker.close()
  }
}

function check({
  errorCode,
  errorMessage,
}: {
  readonly errorCode: number
  readonly errorMessage?: string | null
}): void {
  if (errorCode !== 0) throw new Error(`${errorName(errorCode)}: ${errorMessage}`)
}
