import { needs, services, uniqueName } from '@lightflus/testing/services'
import { KafkaTools } from '../testing/kafka-tools.ts'
import { clusterOptions } from './network/cluster-options.ts'
import { KafkaClient } from './network/kafka-client.ts'
import { TopicProducer } from './sink/topic-producer.ts'
import { endTransaction, type TransactionName } from './transactions/end-transaction.ts'
import { readMarker } from './transactions/transaction-marker.ts'
import { Transactions } from './transactions/transactions.ts'

const { signal } = new AbortController()
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string })
let tools: KafkaTools
let clients: KafkaClient[]

/** As {@link KafkaClient}, on a cluster that has this protocol of transactions at most. */
function clientOf(protocol: 1 | 2): KafkaClient {
  const client = new KafkaClient(clusterOptions(tools.connection))
  if (protocol === 1) client.feature = () => Promise.resolve(1)
  clients.push(client)
  return client
}

interface Writer {
  readonly client: KafkaClient
  readonly transactions: Transactions
  readonly producer: TopicProducer
}

async function writerTo(topic: string, transactionalId: string, protocol: 1 | 2): Promise<Writer> {
  const client = clientOf(protocol)
  const transactions = await Transactions.open({ client, transactionalId, timeoutMs: 60_000, signal })
  const options = { client, topic, compression: 'none', signal, identity: transactions.identity } as const
  return { client, transactions, producer: new TopicProducer(options, await client.topic(topic)) }
}

/** Writes values to the partitions in turn, in the transaction that is open now. */
async function write({ transactions, producer }: Writer, values: readonly string[]): Promise<TransactionName> {
  producer.begin(transactions)
  for (const [at, value] of values.entries())
    producer.add(null, value, [], 1_700_000_000_000, at % producer.partitionCount)
  await producer.flush()
  return transactions.name
}

const range = (from: number, count: number, prefix = ''): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${from + at}`)

needs('kafka')('transactions', () => {
  beforeAll(async () => {
    tools = await KafkaTools.connect(services().kafkaBootstrap)
    clients = []
  })
  afterAll(async () => {
    for (const client of clients) client.close()
    await tools.close()
  })

  describe.each([1, 2] as const)('by protocol %i', (protocol) => {
    const isSecond = protocol === 2

    it('show to another client what was committed, whole and in order, and nothing that was aborted', async () => {
      const topic = await tools.topic(2)
      const writer = await writerTo(topic, uniqueName('tx'), protocol)
      await write(writer, range(0, 10))
      await writer.transactions.commit()
      await write(writer, range(0, 7, 'aborted '))
      await writer.transactions.abort()
      for (let from = 10; from < 60; from += 10) {
        const { epoch } = await write(writer, range(from, 10))
        await writer.transactions.commit()
        expect(writer.transactions.name.epoch).toBe(epoch + (isSecond ? 1 : 0))
      }
      const [even, odd] = await tools.readCommitted(topic, 2)
      expect(even).toEqual(range(0, 60).filter((_, at) => at % 2 === 0))
      expect(odd).toEqual(range(0, 60).filter((_, at) => at % 2 === 1))
    })

    it('may be empty', async () => {
      const topic = await tools.topic()
      const writer = await writerTo(topic, uniqueName('tx'), protocol)
      await writer.transactions.commit()
      await writer.transactions.abort()
      await write(writer, [])
      await writer.transactions.commit()
      await write(writer, ['a'])
      await writer.transactions.commit()
      expect(await tools.readCommitted(topic, 1)).toEqual([['a']])
    })

    it('hold many batches of several requests under way', async () => {
      const topic = await tools.topic(2)
      const writer = await writerTo(topic, uniqueName('tx'), protocol)
      const values = range(0, 40).map((value) => value.padEnd(200_000, '-'))
      await write(writer, values)
      await writer.transactions.commit()
      const read = await tools.readCommitted(topic, 2)
      expect(read.flat().map((value) => value.length)).toEqual(values.map(() => 200_000))
      expect(read.map((of) => of.map((value) => Number.parseInt(value)))).toEqual(
        [0, 1].map((partition) =>
          range(0, 40)
            .map(Number)
            .filter((n) => n % 2 === partition),
        ),
      )
    })

    it('are committed by whoever knows their name, after the one that wrote is gone; to repeat that is harmless', async () => {
      const topic = await tools.topic()
      const transactionalId = uniqueName('tx')
      const gone = await writerTo(topic, transactionalId, protocol)
      const name = JSON.parse(JSON.stringify(await write(gone, ['a', 'b']))) as TransactionName
      gone.client.close()
      const client = clientOf(protocol)
      const end = () => endTransaction({ client, isCommit: true, signal, ...name })
      await end()
      await end()
      const next = await writerTo(topic, transactionalId, protocol)
      await expect(end()).rejects.toEqual(failing('LF_KAFKA_PRODUCER_FENCED', transactionalId))
      await write(next, ['half of'])
      await expect(end()).rejects.toEqual(failing('LF_KAFKA_PRODUCER_FENCED', transactionalId))
      await next.transactions.abort()
      expect(await tools.readCommitted(topic, 1)).toEqual([['a', 'b']])
    })

    if (isSecond)
      it('are out of reach of what is late of the one before', async () => {
        const topic = await tools.topic()
        const writer = await writerTo(topic, uniqueName('tx'), protocol)
        const { client, transactions } = writer
        const name = await write(writer, ['a'])
        await transactions.commit()
        await write(writer, ['half of'])
        for (const isCommit of [true, false])
          await expect(endTransaction({ client, isCommit, signal, ...name })).rejects.toEqual(
            failing('LF_KAFKA_PRODUCER_FENCED'),
          )
        await write(writer, [' it'])
        await transactions.commit()
        expect(await tools.readCommitted(topic, 1)).toEqual([['a', 'half of', ' it']])
      })

    it('are aborted by who opens their id anew, and their writer is fenced', async () => {
      const topic = await tools.topic()
      const transactionalId = uniqueName('tx')
      const old = await writerTo(topic, transactionalId, protocol)
      await write(old, ['lost'])
      const next = await writerTo(topic, transactionalId, protocol)
      await expect(old.transactions.commit()).rejects.toEqual(failing('LF_KAFKA_PRODUCER_FENCED'))
      await expect(write(old, ['lost, too'])).rejects.toEqual(failing('LF_KAFKA_PRODUCER_FENCED'))
      await expect(
        old.transactions.mark({ group: uniqueName('group'), topic, offset: 1, metadata: null }),
      ).rejects.toEqual(failing('LF_KAFKA_PRODUCER_FENCED'))
      await write(next, ['a'])
      await next.transactions.commit()
      expect(await tools.readCommitted(topic, 1)).toEqual([['a']])
    })

    it('bring their markers with them', async () => {
      const topic = await tools.topic()
      const group = uniqueName('group')
      const writer = await writerTo(topic, uniqueName('tx'), protocol)
      const { client, transactions } = writer
      const marker = (offset: number) => ({ group, topic, offset, metadata: `attempt ${offset}` })
      expect(await readMarker(client, group, topic, signal)).toBeUndefined()
      await write(writer, ['a'])
      await transactions.mark(marker(1))
      await transactions.commit()
      expect(await readMarker(client, group, topic, signal)).toEqual(marker(1))
      await transactions.mark(marker(2))
      await transactions.mark(marker(3))
      await transactions.abort()
      expect(await readMarker(client, group, topic, signal)).toEqual(marker(1))
      // Alone, and read by a client that never asked before.
      for (let offset = 4; offset < 12; offset++) {
        await transactions.mark(marker(offset))
        await transactions.commit()
        expect(await readMarker(clientOf(protocol), group, topic, signal)).toEqual(marker(offset))
      }
    })

    it('cannot be open for longer than the broker allows', async () => {
      const client = clientOf(protocol)
      const opening = Transactions.open({ client, transactionalId: uniqueName('tx'), timeoutMs: 86_400_000, signal })
      await expect(opening).rejects.toEqual(failing('LF_KAFKA_TRANSACTION_TIMEOUT'))
    })
  })
})
