import { needs, services, uniqueName } from '@lightflus/testing/services'
import { noTimestamp } from '@lightflus/engine'
import type { SinkFunctions } from '@lightflus/api'
import { KafkaTools } from '../testing/kafka-tools.ts'
import { describeChangelogContract } from '../testing/changelog-contract.ts'
import type { TestRow } from '../testing/random-changelog.ts'
import { describeSinkContract, failingOn, type TestRecord } from '../testing/sink-contract.ts'
import { sinkContext } from '../testing/test-context.ts'
import { KafkaSink } from './sink/kafka-sink.ts'

const time = 1_700_000_000_123
let tools: KafkaTools
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })
const sinkOf = (
  topic: string,
  functions: SinkFunctions,
  compression: 'none' | 'gzip' | 'zstd' = 'none',
  onError: 'fail' | 'skip' = 'fail',
) => {
  const context = sinkContext({ options: { topic, compression }, functions, connection: tools.connection, onError })
  return { sink: new KafkaSink(context), heard: context.heard }
}

async function writeAll(
  topic: string,
  functions: SinkFunctions,
  values: readonly unknown[],
  timestamp = time,
): Promise<void> {
  const { sink } = sinkOf(topic, functions)
  try {
    await sink.open()
    await sink.write(values, new Array<number>(values.length).fill(timestamp))
    await sink.flush()
  } finally {
    await sink.close()
  }
}

needs('kafka')('kafka sink', () => {
  beforeAll(async () => {
    tools = await KafkaTools.connect(services().kafkaBootstrap)
  })
  afterAll(() => tools.close())

  it('writes value, key, headers and time as another client reads them, and null as a tombstone', async () => {
    const topic = await tools.topic()
    const functions: SinkFunctions = {
      value: ({ value }) => value,
      key: ({ key }) => key,
      headers: ({ headers }) => headers ?? {},
    }
    await writeAll(topic, functions, [
      { key: 'k', value: 'text ä', headers: { a: '1', b: new Uint8Array([0, 255]) } },
      { key: new Uint8Array([1, 2]), value: new Uint8Array([3, 4]) },
      { key: 5, value: { amount: 2n ** 60n, at: new Date(0) } },
      { key: null, value: 7 },
      { key: 'k', value: null },
    ])
    const messages = (await tools.readAll(topic)).get(0)!
    expect(messages.map(({ key, value }) => [key?.toString(), value?.toString()])).toEqual([
      ['k', 'text ä'],
      ['\u0001\u0002', '\u0003\u0004'],
      ['5', '{"amount":"1152921504606846976","at":"1970-01-01T00:00:00.000Z"}'],
      [undefined, '7'],
      ['k', undefined],
    ])
    expect(messages[0]!.headers).toEqual({ a: Buffer.from('1'), b: Buffer.from([0, 255]) })
    expect(messages.map(({ timestamp }) => timestamp)).toEqual(new Array<string>(5).fill(String(time)))
  })

  it('takes the clock’s time for records that have none', async () => {
    const topic = await tools.topic()
    const before = Date.now()
    await writeAll(topic, { value: String }, ['a'], noTimestamp)
    await writeAll(topic, { value: String }, ['b'], -5)
    for (const { timestamp } of (await tools.readAll(topic)).get(0)!)
      expect(Number(timestamp)).toBeGreaterThanOrEqual(before)
  })

  it('takes texts that the engine has made, where it writes nothing else of a record', async () => {
    const functions: SinkFunctions = { value: (value) => value }
    expect(sinkOf('any', { ...functions, key: String }).sink.encodes).toBeUndefined()
    expect(sinkOf('any', { ...functions, headers: () => ({}) }).sink.encodes).toBeUndefined()
    const topic = await tools.topic(3)
    const { sink } = sinkOf(topic, functions)
    expect(sink.encodes).toBe('value')
    await sink.open()
    const texts = Array.from({ length: 3_000 }, (_, at) => `{"n":${at},"text":"${'ä'.repeat(at % 300)}"}`)
    const sizes = texts.map((text) => Buffer.byteLength(text))
    const ends = Int32Array.from(sizes, (_, at) => sizes.slice(0, at + 1).reduce((sum, size) => sum + size, 0))
    const starts = ends.map((end, at) => end - sizes[at]!)
    const bytes = new Uint8Array(Buffer.from(texts.join('')))
    await sink.writeEncoded(
      { length: texts.length, bytes, starts, ends },
      texts.map((_, at) => (at === 7 ? noTimestamp : time + at)),
    )
    bytes.fill(0)
    await sink.flush()
    await sink.close()
    const messages = [...(await tools.readAll(topic)).values()].flat()
    expect(new Set(messages.map(({ value }) => String(value)))).toEqual(new Set(texts))
    const late = messages.find(({ value }) => String(value) === texts[8])!
    expect(late.timestamp).toBe(String(time + 8))
  })

  it('writes without saying who writes, where it is told to', async () => {
    const topic = await tools.topic(2)
    const options = { topic, compression: 'none', idempotent: false }
    const sink = new KafkaSink(sinkContext({ options, functions: { value: String }, connection: tools.connection }))
    await sink.open()
    const values = Array.from({ length: 5_000 }, (_, at) => `${at} ${'x'.repeat(500)}`)
    for (let at = 0; at < values.length; at += 100)
      await sink.write(values.slice(at, at + 100), new Array<number>(100).fill(time))
    await sink.flush()
    await sink.close()
    const messages = [...(await tools.readAll(topic)).values()].flat()
    expect(messages.map(({ value }) => String(value)).sort()).toEqual(values.toSorted())
  })

  it('sends a key where other clients send it', async () => {
    const [ours, theirs] = [await tools.topic(7), await tools.topic(7)]
    const keys = Array.from({ length: 300 }, (_, at) => `${'key'.repeat(at % 6)}-${at}-ä`)
    await writeAll(ours, { value: String, key: String }, keys)
    await tools.send(
      theirs,
      keys.map((key) => ({ key, value: key })),
    )
    const placed = async (topic: string) =>
      [...(await tools.readAll(topic))]
        .flatMap(([partition, messages]) => messages.map(({ key }) => `${key} ${partition}`))
        .sort()
    expect(await placed(ours)).toEqual(await placed(theirs))
  })

  it('sends a record to the partition that is asked for, and refuses one that is not there', async () => {
    const topic = await tools.topic(3)
    const { sink, heard } = sinkOf(topic, { value: String, partition: (value) => value }, 'none', 'skip')
    await sink.open()
    await sink.write([0, 2, 2, 3, -1, 'x'], new Array<number>(6).fill(time))
    await sink.flush()
    await sink.close()
    const counts = [...(await tools.readAll(topic))].map(([partition, { length }]) => [partition, length])
    expect(counts.sort()).toEqual([
      [0, 1],
      [1, 0],
      [2, 2],
    ])
    expect(heard.rejected).toEqual([
      failing('LF_SINK_VALUE', 'partitions 0 to 2'),
      failing('LF_SINK_VALUE', 'from 0'),
      failing('LF_SINK_VALUE', 'from 0'),
    ])
  })

  it('spreads records without a key over partitions, call by call', async () => {
    const topic = await tools.topic(3)
    const { sink } = sinkOf(topic, { value: String })
    await sink.open()
    for (let call = 0; call < 6; call++) {
      await sink.write([call], [time])
      await sink.flush()
    }
    await sink.close()
    expect([...(await tools.readAll(topic)).values()].map(({ length }) => length)).toEqual([2, 2, 2])
  })

  it('rejects what cannot be written', async () => {
    const topic = await tools.topic()
    const functions = {
      value: (value: { v: unknown }) => value.v,
      key: ({ k }: { k: unknown }) => k,
      headers: ({ h }: { h: unknown }) => h,
    }
    const { sink, heard } = sinkOf(topic, functions, 'none', 'skip')
    await sink.open()
    const good = { v: 'a', k: null, h: {} }
    const bad = [
      { ...good, v: undefined },
      { ...good, v: () => 1 },
      { ...good, k: {} },
      { ...good, k: undefined },
      { ...good, h: null },
      { ...good, h: { a: {} } },
    ]
    await sink.write([...bad, good], new Array<number>(7).fill(time))
    await sink.flush()
    await sink.close()
    expect(heard.rejected).toEqual(bad.map(() => failing('LF_SINK_VALUE')))
    expect((await tools.readAll(topic)).get(0)).toHaveLength(1)
  })

  it('splits a batch that is too large for the topic, and names a record that is', async () => {
    const topic = await tools.topic(1, { 'max.message.bytes': '20000' })
    const value = 'x'.repeat(3_000)
    await writeAll(topic, { value: String }, new Array<string>(40).fill(value))
    expect((await tools.readAll(topic)).get(0)).toHaveLength(40)
    const large = writeAll(topic, { value: String }, ['x'.repeat(30_000)])
    await expect(large).rejects.toEqual(failing('LF_KAFKA_RECORD_TOO_LARGE', topic))
  })

  it('says why the broker refuses a record', async () => {
    const topic = await tools.topic(1, { 'cleanup.policy': 'compact' })
    await expect(writeAll(topic, { value: String }, ['a'])).rejects.toEqual(
      failing('LF_KAFKA_RECORD_REFUSED', 'without key'),
    )
  })

  it('ends with a code when the topic is not there, or is deleted in mid-run', async () => {
    const missing = uniqueName('missing')
    await expect(writeAll(missing, { value: String }, ['a'])).rejects.toEqual(failing('LF_CONNECTION_TARGET', missing))
    const topic = await tools.topic()
    const { sink } = sinkOf(topic, { value: String })
    await sink.open()
    await sink.write(['a'], [time])
    await sink.flush()
    await tools.admin.deleteTopics({ topics: [topic] })
    await sink.write(['b'], [time])
    await expect(sink.flush()).rejects.toEqual(failing('LF_KAFKA_TOPIC_DELETED', topic))
    await sink.close()
  }, 60_000)
})

for (const compression of ['none', 'gzip', 'zstd'] as const)
  needs('kafka')(`kafka sink, ${compression}`, () => {
    let topic: string
    beforeAll(async () => {
      tools = await KafkaTools.connect(services().kafkaBootstrap)
    })
    beforeEach(async () => {
      topic = await tools.topic(3)
    })
    afterAll(() => tools.close())

    describeSinkContract(`kafka, ${compression}`, () => ({
      create: ({ onError, failOn }) => {
        const functions = { value: failingOn(failOn, (record) => record), key: ({ id }: TestRecord) => String(id) }
        const context = sinkContext({
          options: { topic, compression },
          functions,
          connection: tools.connection,
          onError,
        })
        return { writer: new KafkaSink(context), context }
      },
      readIds: async () => {
        const messages = [...(await tools.readAll(topic)).values()].flat()
        return messages.map(({ value }) => (JSON.parse(value!.toString()) as TestRecord).id)
      },
      unansweredMax: 100_000,
    }))
  })

needs('kafka')('kafka sink of a changelog', () => {
  beforeAll(async () => {
    tools = await KafkaTools.connect(services().kafkaBootstrap)
  })
  afterAll(() => tools.close())

  const functions: SinkFunctions = { key: ({ id }: TestRow) => id, value: ({ n }: TestRow) => ({ n }) }
  const sinkTo = (topic: string, onError: 'fail' | 'skip' = 'fail') => {
    const options = { topic, compression: 'none', changelog: 'upsert' }
    const context = sinkContext({ options, functions, connection: tools.connection, onError })
    return { sink: new KafkaSink(context), heard: context.heard }
  }

  it('writes rows, tombstones for those that are gone, and nothing for what is replaced', async () => {
    const topic = await tools.topic()
    const { sink, heard } = sinkTo(topic, 'skip')
    const row = (id: unknown, n: number) => ({ id, n })
    const values = [row('a', 1), row('a', 1), row('a', 2), row('a', 2), row('b', 2), row('b', 2), row(null, 3)]
    await sink.open()
    await sink.write(
      values,
      values.map(() => time),
      ['insert', 'updateBefore', 'updateAfter', 'updateBefore', 'updateAfter', 'delete', 'insert'],
    )
    await sink.flush()
    await sink.close()
    const [messages] = [...(await tools.readAll(topic)).values()]
    expect(messages!.map(({ key, value }) => [String(key), value && String(value)])).toEqual([
      ['a', '{"n":1}'],
      ['a', '{"n":2}'],
      ['a', null],
      ['b', '{"n":2}'],
      ['b', null],
    ])
    expect(heard.rejected).toEqual([failing('LF_SINK_VALUE', 'key')])

    const inserting = sinkTo(topic, 'skip')
    await inserting.sink.open()
    await inserting.sink.write([row(null, 1)], [time])
    await inserting.sink.close()
    expect(inserting.heard.rejected).toEqual([failing('LF_SINK_VALUE', 'key')])
  })

  let topic: string
  describeChangelogContract('kafka', () => ({
    async create() {
      topic = await tools.topic(3)
      return sinkTo(topic).sink
    },
    async read() {
      const rows = new Map<string, number>()
      for (const messages of (await tools.readAll(topic)).values())
        for (const { key, value } of messages)
          if (value === null) rows.delete(String(key))
          else rows.set(String(key), (JSON.parse(String(value)) as { n: number }).n)
      return rows
    },
    // A topic and a reader for each.
    runs: 8,
  }))
})
