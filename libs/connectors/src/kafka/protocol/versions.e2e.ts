import { needs, services, uniqueName, until } from '@lightflus/testing/services'
import { KafkaTools } from '../../testing/kafka-tools.ts'
import { BrokerSocket } from '../network/broker-socket.ts'
import { RecordSet } from '../records/record-set.ts'
import { apiVersions } from './connecting.ts'
import { fetch } from './fetch.ts'
import { metadata } from './metadata.ts'
import { findCoordinator, latest, listOffsets, offsetCommit, offsetFetch } from './offsets.ts'
import { produce } from './produce.ts'
import { errorName, type KafkaCall } from './request.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeTransactions,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from './transactions.ts'

let tools: KafkaTools
let socket: BrokerSocket
let topic = ''
let topicId = ''

/** Sends a request at a version until it is answered without an error that passes. */
async function ask<Request, Response>(
  call: KafkaCall<Request, Response>,
  version: number,
  request: Request,
  errorOf: (response: Response) => number,
): Promise<Response> {
  return until(
    async () => {
      const answer = await socket.send(call.at(version), request, { waitMs: 1_000 })
      if (errorOf(answer) !== 0) throw new Error(errorName(errorOf(answer)))
      return answer as Response & object
    },
    { what: `${call.name} ${version} to succeed` },
  )
}
const each = async <Request, Response>(
  call: KafkaCall<Request, Response>,
  request: (version: number) => Request,
  errorOf: (response: Response) => number,
  see: (response: Response, version: number) => void | Promise<void>,
) => {
  for (const version of call.versions) await see(await ask(call, version, request(version), errorOf), version)
}
const errorOf = ({ errorCode }: { readonly errorCode: number }) => errorCode
const errorIn = (partitions: readonly { readonly error: number }[]) => partitions.find(({ error }) => error)?.error ?? 0
const zero = () => 0

needs('kafka')('every version of every request is understood by a broker:', () => {
  beforeAll(async () => {
    const bootstrap = services().kafkaBootstrap
    tools = await KafkaTools.connect(bootstrap)
    const [host, port] = bootstrap.split(':')
    const options = { connection: 'shop', seeds: [], tls: undefined, sasl: undefined }
    socket = await BrokerSocket.connect(options, { host: host!, port: Number(port) })
    topic = await tools.topic()
    await tools.send(topic, [{ value: 'a' }, { value: 'b' }])
  })
  afterAll(async () => {
    socket.close()
    await tools.close()
  })

  it('what it can, and where what is', async () => {
    const requests = [apiVersions, metadata, produce, fetch, listOffsets, findCoordinator, offsetCommit, offsetFetch]
    const transactional = [initProducerId, addPartitionsToTxn, addOffsetsToTxn, txnOffsetCommit, endTxn]
    await each(
      apiVersions,
      () => undefined,
      ({ error }) => error,
      ({ spoken, features }, version) => {
        for (const { key, versions } of [...requests, ...transactional, describeTransactions]) {
          expect(spoken.get(key)!.oldest).toBeLessThanOrEqual(versions[0]!)
          expect(spoken.get(key)!.newest).toBeGreaterThanOrEqual(versions.at(-1)!)
        }
        expect(features.get('transaction.version')).toBe(version === 0 ? undefined : 2)
      },
    )
    const named = (topics: readonly { readonly name: string }[]) => topics.map(({ name }) => name)
    await each(
      metadata,
      () => [topic],
      ({ topics }) => errorIn(topics),
      ({ topics }) => {
        expect(named(topics)).toEqual([topic])
        topicId = topics[0]!.id
      },
    )
    await each(
      metadata,
      () => 'all' as const,
      zero,
      ({ topics }) => expect(named(topics)).toContain(topic),
    )
    for (const whose of ['group', 'transaction'] as const)
      await each(
        findCoordinator,
        () => ({ of: whose, key: 'billing' }),
        ({ error }) => error,
        ({ nodeId, port }) =>
          expect([nodeId, port]).toEqual([expect.any(Number), Number(socket.peer.address.split(':')[1])]),
      )
  })

  it('records and offsets', async () => {
    const partition = { partition: 0, offset: 0, bytesMax: 100_000 }
    let records = Buffer.alloc(0)
    await each(
      fetch,
      () => ({ topicId, waitMs: 100, bytesMax: 100_000, partitions: [partition] }),
      ({ partitions }) => errorIn(partitions),
      ({ partitions: [fetched] }) => {
        const set = new RecordSet(fetched!, 0, `${topic}/0`)
        expect(set.end).toBe(2)
        // What is written below; answers may share memory.
        records = Buffer.from(fetched!.records)
      },
    )
    let end = 2
    await each(
      produce,
      () => ({ topic, topicId, timeoutMs: 1_000, partitions: [{ partition: 0, records }] }),
      ({ partitions }) => errorIn(partitions),
      ({ partitions: [produced] }) => {
        expect(produced).toEqual({ partition: 0, error: 0, message: null, baseOffset: end })
        end += 2
      },
    )
    await each(
      listOffsets,
      () => ({ topic, partitions: [0], timestamp: latest }),
      errorIn,
      (partitions) => expect(partitions).toEqual([{ partition: 0, error: 0, offset: end }]),
    )
    const group = uniqueName('group')
    await each(
      offsetCommit,
      (version) => ({ group, topic, offsets: [{ partition: 0, offset: version }] }),
      errorIn,
      (_partitions, committed) =>
        each(
          offsetFetch,
          () => ({ group, topic, partitions: [0] }),
          ({ error }) => error,
          ({ partitions }) =>
            expect(partitions).toEqual([{ partition: 0, error: 0, offset: committed, metadata: expect.anything() }]),
        ),
    )
  })

  it.each([
    [4, 3],
    [5, 4],
    [5, 5],
  ])('a transaction, InitProducerId %i and EndTxn %i', async (initVersion, version) => {
    const [transactionalId, groupId] = [uniqueName('transaction'), uniqueName('group')]
    const request = { transactionalId, transactionTimeoutMs: 60_000 }
    const { producerId, producerEpoch } = await ask(initProducerId, initVersion, request, errorOf)
    const who = { transactionalId, producerId, producerEpoch }
    // By its second protocol a transaction notices by itself what belongs to it.
    if (version < 5) {
      const partitions = {
        v3AndBelowTransactionalId: transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: [{ name: topic, partitions: [0] }],
      }
      await ask(
        addPartitionsToTxn,
        3,
        partitions,
        ({ resultsByTopicV3AndBelow: [result] }) => result!.resultsByPartition[0]!.partitionErrorCode,
      )
      await ask(addOffsetsToTxn, version, { ...who, groupId }, errorOf)
    }
    const committed = [{ partitionIndex: 0, committedOffset: 1, committedMetadata: 'marker' }]
    const offsets = { ...who, groupId, topics: [{ name: topic, partitions: committed }] }
    await ask(txnOffsetCommit, version, offsets, ({ topics: [result] }) => result!.partitions[0]!.errorCode)
    const described = await ask(describeTransactions, 0, { transactionalIds: [transactionalId] }, zero)
    expect(described.transactionStates[0]).toMatchObject({ transactionState: 'Ongoing', producerId, producerEpoch })
    const ended = await ask(endTxn, version, { ...who, committed: true }, errorOf)
    expect(ended.producerEpoch).toBe(version < 5 ? -1 : producerEpoch + 1)
    const wanted = { group: groupId, topic, partitions: [0] }
    const told = await ask(offsetFetch, 8, wanted, ({ error, partitions }) => error || errorIn(partitions))
    expect(told.partitions).toEqual([{ partition: 0, error: 0, offset: 1, metadata: 'marker' }])
  })
})
