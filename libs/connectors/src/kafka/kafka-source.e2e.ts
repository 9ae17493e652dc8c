import { needs, services, uniqueName, until } from '@lightflus/testing/services'
import { checkpointOf, drain, hasEnded, payloadsOf, type ReadRecords } from '../testing/drain.ts'
import { KafkaTools } from '../testing/kafka-tools.ts'
import { PoisonedBuffers } from '../testing/poisoned-buffers.ts'
import { describeSourceContract } from '../testing/source-contract.ts'
import { sourceContext, type Heard } from '../testing/test-context.ts'
import type { KafkaSourceOptions, RawRecord } from './source/kafka-source-options.ts'
import { KafkaSource } from './source/kafka-source.ts'

const defaults: Omit<KafkaSourceOptions, 'topic'> = { start: 'earliest', group: null, envelope: false, bounded: true }
const open: KafkaSource[] = []
let tools: KafkaTools

function sourceOf(
  options: Partial<KafkaSourceOptions> & { readonly topic: string },
  subtask = { index: 0, parallelism: 1 },
): { source: KafkaSource; heard: Heard } {
  const context = sourceContext({ options: { ...defaults, ...options }, connection: tools.connection, subtask })
  const source = new KafkaSource(context, new PoisonedBuffers())
  open.push(source)
  return { source, heard: context.heard }
}

async function read(
  options: Partial<KafkaSourceOptions> & { readonly topic: string },
  count?: number,
): Promise<ReadRecords> {
  const { source } = sourceOf(options)
  await source.open(undefined)
  return drain(source, new Map(), count === undefined ? {} : { count })
}

const texts = (records: ReadRecords): Record<string, string[]> =>
  Object.fromEntries(
    [...records].map(([name, payloads]) => [
      name.replace(/^.*\//, ''),
      payloads.map((payload) => Buffer.from(payload as Uint8Array).toString()),
    ]),
  )
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })
const numbered = (from: number, to: number, partition = 0) =>
  Array.from({ length: to - from }, (_, at) => ({ value: String(from + at), partition }))
const strings = (from: number, to: number) => numbered(from, to).map(({ value }) => value)

/** Polls until the source fails, and gives the failure. */
const failureOf = (source: KafkaSource) =>
  until(
    () => {
      try {
        source.poll(100)
        return undefined
      } catch (thrown) {
        return thrown
      }
    },
    { what: 'the source to fail' },
  )

needs('kafka')('kafka source', () => {
  beforeAll(async () => {
    tools = await KafkaTools.connect(services().kafkaBootstrap)
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((source) => source.close()))
  })
  afterAll(() => tools.close())

  it('hands on key, headers, timestamp, offset and tombstones in an envelope, bytes as they are', async () => {
    const topic = await tools.topic()
    await tools.send(topic, [
      { key: 'k', value: 'v', headers: { a: '1', b: Buffer.from([0, 255]) }, timestamp: '1700000000123' },
      { key: Buffer.from([0, 1, 254]), value: null, timestamp: '1700000000456' },
      { key: null, value: '' },
    ])
    const [records] = [...(await read({ topic, envelope: true })).values()] as RawRecord[][]
    expect(records).toEqual([
      {
        key: Buffer.from('k'),
        value: Buffer.from('v'),
        headers: { a: Buffer.from('1'), b: Buffer.from([0, 255]) },
        timestamp: 1_700_000_000_123,
        partition: 0,
        offset: '0',
      },
      {
        key: Buffer.from([0, 1, 254]),
        value: null,
        headers: {},
        timestamp: 1_700_000_000_456,
        partition: 0,
        offset: '1',
      },
      expect.objectContaining({ key: null, value: Buffer.alloc(0), offset: '2' }),
    ])
  })

  it('fetches on at once where a fetch ends just where a poll did', async () => {
    // Goal: what was taken to its end, and is found empty only by the next poll, still makes room for the next fetch.
    const topic = await tools.topic()
    const value = 'x'.repeat(10_000)
    // As many records in each of Kafka's batches, of which a fetch brings one, as a poll takes.
    for (let batch = 0; batch < 10; batch++)
      await tools.send(
        topic,
        Array.from({ length: 100 }, () => ({ value })),
      )
    const { source } = sourceOf({ topic })
    await source.open(undefined)
    // Only the look for new partitions, every five seconds, would go on otherwise: 45 s.
    const [records] = (await drain(source, new Map(), { recordsMax: 100, deadlineMs: 20_000 })).values()
    expect(records).toHaveLength(1_000)
  })

  it('hands on values alone with timestamps and offsets, a tombstone as null', async () => {
    const topic = await tools.topic()
    await tools.send(topic, [
      { value: 'a', timestamp: '1700000000123' },
      { key: 'k', value: null, timestamp: '1700000000124' },
    ])
    const { source } = sourceOf({ topic })
    await source.open(undefined)
    const batch = await until(() => source.poll(10), { what: 'the records' })
    expect({ ...batch, payloads: payloadsOf(batch) }).toEqual({
      partition: `${topic}/0`,
      payloads: [Buffer.from('a'), null],
      positions: [0, 1],
      timestamps: [1_700_000_000_123, 1_700_000_000_124],
      bytes: 2,
    })
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads what the broker keeps in %s', async (compression) => {
    const topic = await tools.topic(1, { 'compression.type': compression })
    const values = Array.from({ length: 500 }, (_, at) => `${at} ${'abc '.repeat(at)} ${Math.sin(at)}`)
    await tools.send(
      topic,
      values.map((value) => ({ value })),
    )
    expect(texts(await read({ topic }))).toEqual({ 0: values })
  })

  describe('starts', () => {
    it('at the end, and reads what comes then', async () => {
      const topic = await tools.topic(2)
      await tools.send(topic, [...numbered(0, 5, 0), ...numbered(0, 5, 1)])
      const { source } = sourceOf({ topic, start: 'latest', bounded: false })
      await source.open(undefined)
      await tools.send(topic, numbered(5, 7, 1))
      expect(texts(await drain(source, new Map(), { count: 2 }))).toEqual({ 1: ['5', '6'] })
    })

    it('at a time: with the first record that is not older, at the end where there is none', async () => {
      const topic = await tools.topic(2)
      const at = (ms: number, partition: number) => ({
        value: String(ms),
        timestamp: String(1_700_000_000_000 + ms),
        partition,
      })
      await tools.send(topic, [at(100, 0), at(200, 0), at(300, 0), at(100, 1)])
      const records = await read({ topic, start: { timestamp: 1_700_000_000_150 } })
      expect(texts(records)).toEqual({ 0: ['200', '300'] })
    })

    it('where the group has committed, and at the beginning of partitions without a commit', async () => {
      const topic = await tools.topic(2)
      const group = uniqueName('group')
      await tools.send(topic, [...numbered(0, 5, 0), ...numbered(0, 2, 1)])
      await tools.admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '3' }] })
      expect(texts(await read({ topic, start: 'committed', group }))).toEqual({ 0: ['3', '4'], 1: ['0', '1'] })
    })

    it('nowhere when the group has committed nothing', async () => {
      const topic = await tools.topic()
      const group = uniqueName('group')
      await expect(read({ topic, start: 'committed', group })).rejects.toEqual(
        failing('LF_KAFKA_NO_COMMITTED_OFFSET', group),
      )
    })

    it('nowhere when there is no such topic, or none can be', async () => {
      const missing = uniqueName('missing')
      await expect(read({ topic: missing })).rejects.toEqual(failing('LF_CONNECTION_TARGET', missing))
      await expect(read({ topic: 'no/slash' })).rejects.toEqual(failing('LF_CONNECTION_TARGET', 'no/slash'))
    })

    it('from an empty topic by ending at once when bounded', async () => {
      const topic = await tools.topic(3)
      expect(await read({ topic })).toEqual(new Map())
    })
  })

  it('leaves out aborted transactions and waits for open ones', async () => {
    const topic = await tools.topic()
    const { Kafka, logLevel } = await import('kafkajs')
    const kafka = new Kafka({ brokers: [tools.bootstrap], logLevel: logLevel.NOTHING })
    const producer = kafka.producer({ transactionalId: uniqueName('tx'), idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const transact = async (values: string[], end: 'commit' | 'abort') => {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: values.map((value) => ({ value })) })
      await transaction[end]()
    }
    await transact(['a', 'b'], 'commit')
    await transact(['x', 'y'], 'abort')
    await transact(['z'], 'abort')
    // The end lies behind records that nobody sees.
    expect(texts(await read({ topic }))).toEqual({ 0: ['a', 'b'] })
    await transact(['c'], 'commit')
    await tools.send(topic, [{ value: 'd' }])
    expect(texts(await read({ topic }))).toEqual({ 0: ['a', 'b', 'c', 'd'] })

    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value: 'open' }] })
    await tools.send(topic, [{ value: 'behind' }])
    expect(texts(await read({ topic }))).toEqual({ 0: ['a', 'b', 'c', 'd'] })
    const { source } = sourceOf({ topic, bounded: false })
    await source.open(undefined)
    const records: ReadRecords = new Map()
    await drain(source, records, { count: 4 })
    // The marker that commits 'c' may lie behind 'd': a broker answers before it has written it.
    await until(() => source.poll(1) === undefined && source.partitions()[0]!.caughtUp, {
      what: 'the source to catch up',
    })
    await transaction.commit()
    await drain(source, records, { count: 2 })
    expect(texts(records)).toEqual({ 0: ['a', 'b', 'c', 'd', 'open', 'behind'] })
    await producer.disconnect()
  })

  it('tells lag, catches up, and wakes the engine when records come', async () => {
    const topic = await tools.topic()
    await tools.send(topic, numbered(0, 10))
    const { source, heard } = sourceOf({ topic, bounded: false })
    await source.open(undefined)
    await drain(source, new Map(), { count: 4, recordsMax: 4 })
    expect(source.partitions()).toEqual([{ name: `${topic}/0`, ended: false, caughtUp: false, lag: 6 }])
    await drain(source, new Map(), { count: 6 })
    await until(() => source.partitions()[0]!.caughtUp, { what: 'the source to catch up' })
    expect(hasEnded(source)).toBe(false)
    const wakes = heard.wakes.length
    await tools.send(topic, numbered(10, 11))
    await until(() => heard.wakes.length > wakes && source.poll(10), { what: 'the new record' })
  })

  it('finds partitions that are added while it runs, and reads them from their beginning', async () => {
    const topic = await tools.topic(1)
    const readers = [0, 1].map(
      (index) => sourceOf({ topic, bounded: false, start: 'latest' }, { index, parallelism: 2 }).source,
    )
    for (const reader of readers) await reader.open(undefined)
    expect(readers.map((reader) => reader.partitions().map(({ name }) => name))).toEqual([[`${topic}/0`], []])
    await tools.admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] })
    await until(() => tools.send(topic, numbered(0, 3, 1)).then(() => true), {
      what: 'the new partition to take records',
    })
    expect(texts(await drain(readers[1]!, new Map(), { count: 3 }))).toEqual({ 1: strings(0, 3) })
  }, 60_000)

  it('shows positions of finished checkpoints in the group, and nothing else moves them', async () => {
    const topic = await tools.topic(2)
    const group = uniqueName('group')
    await tools.send(topic, [...numbered(0, 5, 0), ...numbered(0, 5, 1)])
    const { source } = sourceOf({ topic, group, bounded: false })
    await source.open(undefined)
    await drain(source, new Map(), { count: 10 })
    source.onCheckpointComplete(source.positions())
    const committed = async () => {
      const [found] = await tools.admin.fetchOffsets({ groupId: group, topics: [topic] })
      return found!.partitions.map(({ offset }) => offset)
    }
    await until(async () => (await committed()).every((offset) => offset === '5'), { what: 'the commit' })
  })

  it('says that the group could not be told, and goes on', async () => {
    const topic = await tools.topic()
    const group = uniqueName('group')
    const member = await tools.joinGroup(group, topic)
    const { source, heard } = sourceOf({ topic, group, bounded: false })
    await source.open(undefined)
    source.onCheckpointComplete(source.positions())
    await until(() => heard.log.length > 0, { what: 'the warning' })
    expect(heard.log[0]).toContain(`Group '${group}' could not be told`)
    expect(source.poll(1)).toBeUndefined()
    await member.leave()
  })

  describe('ends with a code, never with a silent reset', () => {
    it('when the topic is deleted while it reads', async () => {
      const topic = await tools.topic()
      await tools.send(topic, numbered(0, 3))
      const { source } = sourceOf({ topic, bounded: false })
      await source.open(undefined)
      await drain(source, new Map(), { count: 3 })
      await tools.admin.deleteTopics({ topics: [topic] })
      expect(await failureOf(source)).toEqual(failing('LF_KAFKA_TOPIC_DELETED', topic))
    }, 60_000)

    it('when the topic is made anew while it reads, even with more records than before', async () => {
      const topic = await tools.topic()
      await tools.send(topic, numbered(0, 3))
      const { source } = sourceOf({ topic, bounded: false })
      await source.open(undefined)
      await drain(source, new Map(), { count: 3 })
      await tools.admin.deleteTopics({ topics: [topic] })
      await until(() => tools.create(topic, 1).then(() => true), { what: 'the topic to be made anew' })
      await tools.send(topic, numbered(100, 120))
      expect(await failureOf(source)).toEqual(failing('LF_KAFKA_TOPIC_RECREATED', topic))
    }, 60_000)

    it('when the topic was made anew before a restore', async () => {
      const topic = await tools.topic()
      await tools.send(topic, numbered(0, 3))
      const { source } = sourceOf({ topic, bounded: false })
      await source.open(undefined)
      await drain(source, new Map(), { count: 2, recordsMax: 1 })
      const positions = checkpointOf([source])
      await tools.admin.deleteTopics({ topics: [topic] })
      await until(() => tools.create(topic, 1).then(() => true), { what: 'the topic to be made anew' })
      await tools.send(topic, numbered(0, 5))
      await expect(sourceOf({ topic }).source.open(positions)).rejects.toEqual(
        failing('LF_KAFKA_TOPIC_RECREATED', topic),
      )
    }, 60_000)

    it('when records were deleted before they were read', async () => {
      const topic = await tools.topic()
      await tools.send(topic, numbered(0, 10))
      const { source } = sourceOf({ topic })
      await source.open(undefined)
      await drain(source, new Map(), { count: 2, recordsMax: 1 })
      const positions = checkpointOf([source])
      await tools.deleteRecords(topic, 0, '7')
      const restored = sourceOf({ topic }).source
      await restored.open(positions)
      expect(await failureOf(restored)).toEqual(
        failing('LF_KAFKA_OFFSET_OUT_OF_RANGE', 'offset 2 is not there; the partition holds offsets 7 to 9'),
      )
    })

    it('when the checkpoint is of another topic', async () => {
      const [one, other] = [await tools.topic(), await tools.topic()]
      const { source } = sourceOf({ topic: one })
      await source.open(undefined)
      await expect(sourceOf({ topic: other }).source.open(checkpointOf([source]))).rejects.toEqual(
        failing('LF_SOURCE_POSITION', one),
      )
    })
  })
})

needs('kafka')('kafka source', () => {
  beforeAll(async () => {
    tools = await KafkaTools.connect(services().kafkaBootstrap)
  })
  afterAll(() => tools.close())

  describeSourceContract('kafka', async () => {
    const topic = await tools.topic(5)
    const expected = new Map<string, unknown[]>()
    for (const partition of [0, 1, 3, 4]) {
      const messages = numbered(0, 30 * partition + 7, partition)
      // Several batches a partition, so that cuts fall into the middle of one and between two.
      for (let at = 0; at < messages.length; at += 10) await tools.send(topic, messages.slice(at, at + 10))
      expected.set(
        `${topic}/${partition}`,
        messages.map(({ value }) => Buffer.from(value)),
      )
    }
    return {
      create: (subtask) => sourceOf({ topic }, subtask).source,
      expected: () => expected,
      runs: 8,
    }
  })
})
