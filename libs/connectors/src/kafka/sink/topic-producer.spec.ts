import { jest } from '@jest/globals'
import fc from 'fast-check'
import { SimulatedCluster, type Fault } from '../../testing/simulated-cluster.ts'
import { BrokerError, errorCode } from '../protocol/request.ts'
import { initIdentity } from './init-identity.ts'
import { TopicProducer, unacknowledgedBytesMax } from './topic-producer.ts'

const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })

async function producerOf(
  cluster: SimulatedCluster,
  isIdempotent = true,
  signal = new AbortController().signal,
): Promise<TopicProducer> {
  const given = Promise.all([
    cluster.topic('totals'),
    isIdempotent ? initIdentity(cluster, 'totals', signal) : undefined,
  ])
  await jest.advanceTimersByTimeAsync(10)
  const [metadata, identity] = await given
  return new TopicProducer({ client: cluster, topic: 'totals', compression: 'none', signal, identity }, metadata)
}

/** Lets time pass until a promise settles. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false
  const done = promise.finally(() => (isSettled = true))
  done.catch(() => undefined)
  while (!isSettled) await jest.advanceTimersByTimeAsync(5)
  return done
}

const fault = fc.constantFrom<Fault>(
  ...([
    'none',
    'none',
    'none',
    'cut',
    'answer lost',
    'done late',
    'leader moves',
    'no leader',
    'too few replicas',
  ] as const),
  ...(['too few replicas after all', 'timed out'] as const),
)
/** Records to partitions, some ms between writes. */
const write = fc.record({
  records: fc.array(fc.record({ partition: fc.nat(2), bytes: fc.oneof(fc.nat(50), fc.constant(90_000)) }), {
    maxLength: 30,
  }),
  pauseMs: fc.constantFrom(0, 0, 0, 1, 3, 10),
  flush: fc.boolean(),
})

async function writeAll(
  cluster: SimulatedCluster,
  producer: TopicProducer,
  writes: readonly (typeof write extends fc.Arbitrary<infer T> ? T : never)[],
): Promise<string[][]> {
  const written = cluster.logs.map((): string[] => [])
  let count = 0
  for (const { records, pauseMs, flush } of writes) {
    for (const { partition, bytes } of records) {
      const value = `${count++}`.padEnd(bytes, '-')
      written[partition]!.push(value)
      producer.add(null, value, [], 1_700_000_000_000, partition)
    }
    const room = producer.ready()
    if (room) await settled(room)
    if (pauseMs > 0) await jest.advanceTimersByTimeAsync(pauseMs)
    if (flush) {
      await settled(producer.flush())
      expect(cluster.logs.map(({ length }) => length)).toEqual(written.map(({ length }) => length))
    }
  }
  await settled(producer.flush())
  return written
}

describe('a producer', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  it('writes each record once and in order, whatever gets lost on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 25 }),
        fc.array(write, { minLength: 1, maxLength: 12 }),
        async (faults, writes) => {
          const cluster = new SimulatedCluster(3, faults)
          const written = await writeAll(cluster, await producerOf(cluster), writes)
          expect(cluster.logs).toEqual(written)
        },
      ),
      { numRuns: 80 },
    )
  }, 60_000)

  it('does so where batches are too large, too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 10 }),
        fc.array(write, { minLength: 1, maxLength: 8 }),
        async (faults, writes) => {
          const cluster = new SimulatedCluster(3, faults, 100_000)
          const written = await writeAll(cluster, await producerOf(cluster), writes)
          expect(cluster.logs).toEqual(written)
          expect(cluster.largestBatch).toBeLessThanOrEqual(100_000)
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)

  it('that is not idempotent loses nothing, and keeps the order of what is written first', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { maxLength: 15 }),
        fc.array(write, { minLength: 1, maxLength: 8 }),
        async (faults, writes) => {
          const cluster = new SimulatedCluster(
            3,
            faults.filter((one) => one !== 'done late'),
          )
          const producer = await producerOf(cluster, false)
          const plain = writes.map((one) => ({ ...one, flush: false }))
          const written = await writeAll(cluster, producer, plain)
          expect(cluster.logs.map((log) => [...new Set(log)])).toEqual(written)
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)

  it('ends, one way or the other, whatever brokers answer', async () => {
    const answer = fc.record({
      partition: fc.integer({ min: -1, max: 4 }),
      error: fc.oneof(fc.constantFrom(0, 10, 45, 46, 47, 59), fc.integer({ min: -2, max: 140 })),
    })
    const answers = fc.array(fc.array(answer, { maxLength: 5 }), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(answers, fc.array(write, { minLength: 1, maxLength: 4 }), async (answers, writes) => {
        const cluster = new SimulatedCluster(3, [])
        const producer = await producerOf(cluster)
        cluster.produce = (_node, { partitions }) =>
          Promise.resolve(
            (answers.shift() ?? partitions.map(({ partition }) => ({ partition, error: 0 }))).map((one) => ({
              ...one,
              message: null,
              baseOffset: -1,
              newLeader: -1,
            })),
          )
        for (const { records } of writes) {
          for (const { partition, bytes } of records) producer.add(null, 'x'.repeat(bytes), [], 1, partition)
          await settled(Promise.resolve(producer.ready())).catch(() => undefined)
        }
        const end = await settled(producer.flush()).catch((thrown: unknown) => thrown)
        if (end !== undefined)
          expect(end).toEqual(expect.objectContaining({ code: expect.stringMatching(/^LF_/) as string }))
      }),
      { numRuns: 100 },
    )
  }, 60_000)

  it('goes on under another number where the leader has forgotten it', async () => {
    const cluster = new SimulatedCluster(1, [])
    const { produce } = cluster
    const producer = await producerOf(cluster)
    producer.add(null, 'a', [], 1, undefined)
    await settled(producer.flush())
    let answers = 0
    cluster.produce = async (node, request) => {
      if (answers++ === 0) return [{ partition: 0, error: 59, message: null, baseOffset: -1, newLeader: -1 }]
      return produce.call(cluster, node, request)
    }
    for (const value of ['b', 'c']) producer.add(null, value, [], 1, undefined)
    await settled(producer.flush())
    expect(cluster.logs).toEqual([['a', 'b', 'c']])
  })

  it('gives up where it was forgotten and nobody gives it another number', async () => {
    const cluster = new SimulatedCluster(1, [])
    const producer = await producerOf(cluster)
    cluster.initProducerId = () =>
      Promise.reject(new BrokerError('InitProducerId', errorCode.coordinatorLoadInProgress))
    cluster.produce = () => Promise.resolve([{ partition: 0, error: 59, message: null, baseOffset: -1, newLeader: -1 }])
    producer.add(null, 'a', [], 1, undefined)
    await expect(settled(producer.flush())).rejects.toEqual(failing('LF_CONNECTION_LOST'))
    expect(jest.getTimerCount()).toBe(0)
  })

  it.each([59, 6, 51])('ends soon when it is aborted while it waits after error %i', async (error) => {
    const cluster = new SimulatedCluster(1, [])
    const controller = new AbortController()
    const producer = await producerOf(cluster, true, controller.signal)
    cluster.produce = () => Promise.resolve([{ partition: 0, error, message: null, baseOffset: -1, newLeader: -1 }])
    producer.add(null, 'a', [], 1, undefined)
    const flushed = producer.flush()
    flushed.catch(() => undefined)
    await jest.advanceTimersByTimeAsync(600)
    controller.abort()
    await expect(flushed).rejects.toThrow()
    await jest.advanceTimersByTimeAsync(600)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('fails where the leader lacks what it had acknowledged', async () => {
    const cluster = new SimulatedCluster(1, [])
    const producer = await producerOf(cluster)
    cluster.produce = () => Promise.resolve([{ partition: 0, error: 45, message: null, baseOffset: -1, newLeader: -1 }])
    producer.add(null, 'b', [], 1, undefined)
    await expect(settled(producer.flush())).rejects.toEqual(failing('LF_KAFKA_RECORDS_LOST', 'partition 0'))
    await expect(producer.ready()).rejects.toEqual(failing('LF_KAFKA_RECORDS_LOST'))
  })

  it('names the record that is too large', async () => {
    const cluster = new SimulatedCluster(1, [], 50_000)
    const producer = await producerOf(cluster)
    for (const [key, bytes] of [
      ['small', 10],
      ['large', 60_000],
      ['small', 10],
    ] as const)
      producer.add(Buffer.from(key), 'x'.repeat(bytes), [], 1_700_000_000_000, 0)
    await expect(settled(producer.flush())).rejects.toEqual(
      failing('LF_KAFKA_RECORD_TOO_LARGE', "(key 'large', time 2023-11-14T22:13:20.000Z)"),
    )
  })

  it('gives up after half a minute without a leader', async () => {
    const cluster = new SimulatedCluster(1, [])
    const producer = await producerOf(cluster)
    cluster.topic = () =>
      Promise.resolve({
        error: 0,
        name: 'totals',
        id: '1'.repeat(32),
        partitions: [{ error: 5, number: 0, leader: -1 }],
      })
    cluster.produce = () => Promise.resolve([{ partition: 0, error: 6, message: null, baseOffset: -1, newLeader: -1 }])
    producer.add(null, 'a', [], 1, undefined)
    await expect(settled(producer.flush())).rejects.toEqual(failing('LF_CONNECTION_LOST'))
  })

  it('sends at once what comes while nothing is under way, and gathers what comes meanwhile', async () => {
    const cluster = new SimulatedCluster(1, [])
    const producer = await producerOf(cluster)
    for (let write = 0; write < 10; write++) {
      producer.add(null, String(write), [], 1, undefined)
      expect(producer.ready()).toBeUndefined()
    }
    expect(cluster.requests).toBe(1)
    await settled(producer.flush())
    expect(cluster.requests).toBe(2)
  })

  it('lets little that comes soon after a request wait for more, and neither what comes later nor much', async () => {
    const cluster = new SimulatedCluster(1, [])
    const producer = await producerOf(cluster)
    const write = async (value: string, thenMs: number) => {
      producer.add(null, value, [], 1, undefined)
      expect(producer.ready()).toBeUndefined()
      await jest.advanceTimersByTimeAsync(thenMs)
      return cluster.requests
    }
    expect(await write('a', 2)).toBe(1)
    expect(await write('b', 1)).toBe(1)
    expect(await write('c', 2)).toBe(2)
    await jest.advanceTimersByTimeAsync(2)
    expect(cluster.logs).toEqual([['a', 'b', 'c']])
    expect(await write('d'.repeat(100_000), 20)).toBe(3)
    expect(await write('e', 0)).toBe(4)
    expect(await write('f', 0)).toBe(4)
    await settled(producer.flush())
    expect(cluster.requests).toBe(5)
    producer.close()
    expect(jest.getTimerCount()).toBe(0)
  })

  it('has several requests under way once the leader knows it, and holds the caller back at its bound', async () => {
    const cluster = new SimulatedCluster(2, [])
    const producer = await producerOf(cluster)
    const value = 'x'.repeat(200_000)
    let added = 0
    let room: void | Promise<void> = undefined
    while (!room) {
      producer.add(null, value, [], 1, added % 2)
      added++
      room = producer.ready()
    }
    expect(added * value.length).toBeGreaterThan(unacknowledgedBytesMax - 2 * value.length)
    expect(added * value.length).toBeLessThan(unacknowledgedBytesMax + value.length)
    await settled(room)
    for (let more = 0; more < 40; more++) producer.add(null, value, [], 1, more % 2)
    await settled(producer.flush())
    expect(cluster.inFlightMax).toBeGreaterThan(2)
    expect(cluster.inFlightMax).toBeLessThanOrEqual(5)
    expect(cluster.logs.flat()).toHaveLength(added + 40)
  })

  it('says, when it is closed, that not all is written', async () => {
    const cluster = new SimulatedCluster(1, [])
    const producer = await producerOf(cluster)
    producer.add(null, 'a', [], 1, undefined)
    const flushed = producer.flush()
    flushed.catch(() => undefined)
    producer.close()
    await expect(flushed).rejects.toThrow('closed before')
  })
})
