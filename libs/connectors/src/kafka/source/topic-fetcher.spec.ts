import { until } from '@lightflus/testing/services'
import type { Peer } from '../../connection-errors.ts'
import { AnswerBuffers } from '../network/answer-buffers.ts'
import type { KafkaClient } from '../network/kafka-client.ts'
import type { FetchedPartition } from '../protocol/fetch.ts'
import { errorCode } from '../protocol/request.ts'
import { PartitionReader } from './partition-reader.ts'
import { TopicFetcher } from './topic-fetcher.ts'

const peer: Peer = { connection: 'shop', system: 'Kafka', address: 'kafka-1:9092' }
const nothing = { lastStableOffset: 0, logStartOffset: 0, aborted: [], records: Buffer.alloc(0) }
const moved = (newLeader: number): FetchedPartition => ({
  ...{ ...nothing, partition: 0, error: errorCode.notLeaderOrFollower, newLeader },
})

/** What a fetcher asks of whom, of a cluster in which partition 0 is said to be led by broker 1. */
async function asksOf(answers: readonly FetchedPartition[], wanted: number): Promise<string[]> {
  const asked: string[] = []
  const left = [...answers]
  const buffers = new AnswerBuffers()
  const client = {
    peer,
    fetch: (leader: number) => {
      asked.push(`fetch ${leader}`)
      const answer = left.shift()
      // Who has nothing waits.
      return answer ? Promise.resolve({ partitions: [answer], lent: buffers.lend(1) }) : new Promise(() => undefined)
    },
    topic: () => {
      asked.push('topic')
      return Promise.resolve({ error: 0, name: 'orders', id: 'a', partitions: [{ error: 0, number: 0, leader: 1 }] })
    },
  }
  const start = { topic: 'orders', topicId: 'a', partition: 0, offset: 0, end: undefined, envelope: false }
  const partition = new PartitionReader({ ...start, timestamps: false, buffers })
  partition.leader = 1
  const fetcher = new TopicFetcher({
    ...{ client: client as unknown as KafkaClient, topic: 'orders', topicId: 'a', partitions: [partition], buffers },
    ...{ signal: new AbortController().signal, onChange: () => undefined, onTopic: () => Promise.resolve() },
  })
  fetcher.start()
  await until(() => asked.length >= wanted, { what: 'it to have asked' })
  fetcher.close()
  expect(fetcher.failure).toBeUndefined()
  return asked.slice(0, wanted)
}

test('a leader that has moved is followed to where the former one says', async () => {
  expect(await asksOf([moved(2), { ...nothing, partition: 0, error: 0 }], 3)).toEqual(['fetch 1', 'fetch 2', 'fetch 2'])
})

test('brokers that name each other are not run after: the cluster is asked who leads', async () => {
  expect(await asksOf([moved(2), moved(1), moved(2)], 5)).toEqual(['fetch 1', 'fetch 2', 'topic', 'fetch 1', 'topic'])
})

test('a broker that only says that it does not lead is no reason to guess', async () => {
  const { newLeader: _none, ...silent } = moved(2)
  expect(await asksOf([silent, moved(1)], 4)).toEqual(['fetch 1', 'topic', 'fetch 1', 'topic'])
})
