import { withServer } from '../../testing/misbehaving-server.ts'
import { recordedKafkaAnswers } from '../../testing/recorded-kafka-answers.ts'
import { kafkaError } from '../kafka-errors.ts'
import { apiVersions } from '../protocol/connecting.ts'
import { metadata } from '../protocol/metadata.ts'
import { earliest, listOffsets } from '../protocol/offsets.ts'
import { WireError } from '../protocol/wire.ts'
import { KafkaClient } from './kafka-client.ts'

/** The recorded answers of a cluster whose one broker is at the port. */
function answerTo(request: Buffer, port: number, offsets: Buffer): Buffer {
  const answers = new Map<number, Buffer>([
    [apiVersions.key, Buffer.from(recordedKafkaAnswers.newestApiVersions, 'hex')],
    [metadata.key, Buffer.from(recordedKafkaAnswers.metadata, 'hex')],
    [listOffsets.key, offsets],
  ])
  const answer = answers.get(request.readInt16BE(4))!
  const host = answer.indexOf('127.0.0.1')
  if (host > 0) answer.writeInt32BE(port, host + '127.0.0.1'.length)
  const head = Buffer.alloc(8)
  head.writeInt32BE(4 + answer.length, 0)
  request.copy(head, 4, 8, 12)
  return Buffer.concat([head, answer])
}

async function withClient(offsets: string, use: (client: KafkaClient) => Promise<void>) {
  let at = 0
  await withServer(
    (socket, request) => socket.write(answerTo(request, at, Buffer.from(offsets, 'hex'))),
    async (port) => {
      at = port
      const seeds = [{ host: '127.0.0.1', port }]
      const client = new KafkaClient({ connection: 'shop', seeds, tls: undefined, sasl: undefined })
      await use(client).finally(() => client.close())
    },
  )
}

test('offsets are those of the partitions that were asked for', () =>
  withClient(recordedKafkaAnswers.listOffsets, async (client) => {
    const topic = await client.topic('orders')
    await expect(client.offsets(topic, [0, 1], earliest)).resolves.toEqual(
      new Map([
        [0, 10],
        [1, 0],
      ]),
    )
  }))

test('a broker that leaves out a partition is told of, instead of going on without an offset', () =>
  withClient('00000000000100', async (client) => {
    const topic = await client.topic('orders')
    const thrown: unknown = await client.offsets(topic, [1], earliest).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(WireError)
    expect(kafkaError(thrown, client.peer, "topic 'orders'")).toMatchObject({
      code: 'LF_KAFKA_PROTOCOL',
      message: expect.stringContaining('nothing of partition 1') as string,
    })
  }))

test('an answer about another topic is none about the one that was asked for', () =>
  withClient('', async (client) => {
    expect(await client.topic('payments')).toMatchObject({ name: 'payments', partitions: [] })
  }))
