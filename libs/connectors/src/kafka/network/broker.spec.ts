import { withServer } from '../../testing/misbehaving-server.ts'
import { apiVersions } from '../protocol/connecting.ts'
import { apiVersionsCodec } from '../protocol/generated/api-versions.ts'
import { metadataCodec } from '../protocol/generated/metadata.ts'
import { fetch } from '../protocol/fetch.ts'
import { metadata } from '../protocol/metadata.ts'
import { findCoordinator, listOffsets } from '../protocol/offsets.ts'
import { produce, produceByNameMax, produceWithAddedPartitionsMax } from '../protocol/produce.ts'
import { errorCode } from '../protocol/request.ts'
import { endTxn } from '../protocol/transactions.ts'
import { WireWriter } from '../protocol/wire.ts'
import { Broker } from './broker.ts'

type Range = readonly [oldest: number, newest: number]

/** What a broker of today speaks of what is needed, and of ApiVersions. */
const today: ReadonlyMap<number, Range> = new Map<number, Range>([
  [fetch.key, [4, 18]],
  [metadata.key, [0, 13]],
  [produce.key, [3, 13]],
  [listOffsets.key, [1, 11]],
  [findCoordinator.key, [0, 6]],
  [apiVersions.key, [0, 5]],
])

/** A broker that speaks these versions, and what it was sent: key and version. */
async function withBroker(
  spoken: ReadonlyMap<number, Range>,
  use: (broker: () => Promise<Broker>, asked: readonly Range[]) => Promise<void>,
  error = 0,
): Promise<void> {
  const asked: Range[] = []
  await withServer(
    (socket, request) => {
      const [key, version] = [request.readInt16BE(4), request.readInt16BE(6)]
      asked.push([key, version])
      const writer = new WireWriter().int32(0).raw(request.subarray(8, 12))
      if (key === apiVersions.key) writeVersions(writer, spoken, version, error)
      else metadataCodec.writeResponse(writer.noTags(), noMetadata, version)
      const { bytes } = writer
      bytes.writeInt32BE(bytes.length - 4, 0)
      socket.write(bytes)
    },
    (port) =>
      use(async () => {
        const options = { connection: 'shop', seeds: [], tls: undefined, sasl: undefined }
        return Broker.connect(options, { host: '127.0.0.1', port })
      }, asked),
  )
}

const noMetadata = {
  ...{ throttleTimeMs: 0, brokers: [], clusterId: null, controllerId: 1, topics: [], errorCode: 0 },
}

/** One who does not know the version says so in the oldest form (KIP-511). */
function writeVersions(writer: WireWriter, spoken: ReadonlyMap<number, Range>, version: number, error: number): void {
  const isKnown = version <= spoken.get(apiVersions.key)![1]
  apiVersionsCodec.writeResponse(
    writer,
    {
      errorCode: isKnown ? error : errorCode.unsupportedVersion,
      apiKeys: [...spoken].map(([apiKey, [minVersion, maxVersion]]) => ({ apiKey, minVersion, maxVersion })),
      throttleTimeMs: 0,
      supportedFeatures: [],
      finalizedFeaturesEpoch: 1,
      finalizedFeatures: [{ name: 'transaction.version', minVersionLevel: 2, maxVersionLevel: 2 }],
      zkMigrationReady: false,
    },
    isKnown ? version : 0,
  )
}

const failing = (message: string) =>
  expect.objectContaining({ code: 'LF_KAFKA_VERSION', message: expect.stringContaining(message) as string })

test('each request goes out in the newest version that both know', () =>
  withBroker(today, async (connect, asked) => {
    const broker = await connect()
    expect([fetch, metadata, produce, listOffsets, findCoordinator].map((call) => broker.versionOf(call))).toEqual([
      ...[16, 13, 13, 7, 4],
    ])
    expect(broker.versionOf(produce, produceByNameMax)).toBe(12)
    expect(broker.versionOf(produce, produceWithAddedPartitionsMax)).toBe(11)
    await broker.send(metadata, [])
    expect(asked).toEqual([
      [apiVersions.key, 4],
      [metadata.key, 13],
    ])
    expect([broker.feature('transaction.version'), broker.feature('other')]).toEqual([2, 0])
    broker.close()
  }))

test('a broker of Kafka 3.1 is spoken to in its versions, and asked for them in the oldest', () => {
  const older = new Map<number, Range>([
    [fetch.key, [0, 13]],
    [metadata.key, [0, 12]],
    [produce.key, [0, 9]],
    [listOffsets.key, [0, 7]],
    [findCoordinator.key, [0, 3]],
    [apiVersions.key, [0, 2]],
  ])
  return withBroker(older, async (connect, asked) => {
    const broker = await connect()
    expect([fetch, metadata, produce, listOffsets, findCoordinator].map((call) => broker.versionOf(call))).toEqual([
      ...[13, 12, 8, 7, 2],
    ])
    await broker.send(metadata, [])
    expect(asked).toEqual([
      [apiVersions.key, 4],
      [apiVersions.key, 0],
      [metadata.key, 12],
    ])
    expect(broker.feature('transaction.version')).toBe(0)
    broker.close()
  })
})

test.each<[string, number, Range | undefined, string]>([
  ['too old', fetch.key, [0, 12], 'speaks Fetch in versions 0 to 12; 13 or 16 is needed'],
  ['too new', metadata.key, [14, 20], 'speaks Metadata in versions 14 to 20; 12 or 13 is needed'],
  ['of another kind', listOffsets.key, undefined, 'does not speak ListOffsets at all'],
])('a broker that is %s is told from one that can be used', (_name, key, range, message) => {
  const spoken = new Map(today)
  if (range) spoken.set(key, range)
  else spoken.delete(key)
  return withBroker(spoken, (connect) => expect(connect()).rejects.toEqual(failing(message)))
})

test('a request that only some brokers know is missed when it is sent', () =>
  withBroker(today, async (connect) => {
    const broker = await connect()
    expect(() => broker.versionOf(endTxn)).toThrow(failing('does not speak EndTxn at all'))
    broker.close()
  }))

test('a broker that does not tell its versions is not used', () =>
  withBroker(
    today,
    (connect) => expect(connect()).rejects.toEqual(failing('answered ApiVersions with UNKNOWN_SERVER_ERROR')),
    errorCode.unknownServerError,
  ))
