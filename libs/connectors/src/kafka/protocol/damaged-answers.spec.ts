import fc from 'fast-check'
import { damage } from '../../testing/damaged-bytes.ts'
import { recordedKafkaAnswers } from '../../testing/recorded-kafka-answers.ts'
import { RecordSet } from '../records/record-set.ts'
import { apiVersions, saslAuthenticate, saslHandshake } from './connecting.ts'
import { fetch, type FetchedPartition } from './fetch.ts'
import { metadata, type ClusterMetadata } from './metadata.ts'
import { findCoordinator, listOffsets, offsetCommit, offsetFetch } from './offsets.ts'
import { produce } from './produce.ts'
import { WireError, WireReader, WireWriter } from './wire.ts'

interface Decoder {
  readonly isFlexible: boolean
  readonly decode: (reader: WireReader) => unknown
}

const recorded = (hex: string) => Buffer.from(hex, 'hex')
const handshake = new WireWriter().int16(33).array(['PLAIN', 'SCRAM-SHA-256'], () => undefined)
handshake.string('PLAIN').string('SCRAM-SHA-256')
const signedIn = new WireWriter().noTags().int16(0).compactString(null).compactByteString(Buffer.from('v=abc'))
signedIn.int64(60_000).noTags()

/** Real answers, behind the request's number; the two of SASL are written as brokers do. */
const answers: readonly (readonly [string, Decoder, Buffer])[] = [
  ['ApiVersions 0', apiVersions.at(0), recorded(recordedKafkaAnswers.apiVersions)],
  ['ApiVersions', apiVersions.at(4), recorded(recordedKafkaAnswers.newestApiVersions)],
  ['SaslHandshake', saslHandshake.at(1), handshake.bytes],
  ['SaslAuthenticate', saslAuthenticate.at(2), signedIn.bytes],
  ['Metadata', metadata.at(13), recorded(recordedKafkaAnswers.metadata)],
  ['Produce', produce.at(11), recorded(recordedKafkaAnswers.produce)],
  ['ListOffsets', listOffsets.at(7), recorded(recordedKafkaAnswers.listOffsets)],
  ['FindCoordinator', findCoordinator.at(4), recorded(recordedKafkaAnswers.findCoordinator)],
  ['OffsetCommit', offsetCommit.at(8), recorded(recordedKafkaAnswers.offsetCommit)],
  ['OffsetFetch', offsetFetch.at(8), recorded(recordedKafkaAnswers.offsetFetch)],
  ['Fetch', fetch.at(13), recorded(recordedKafkaAnswers.fetch)],
]

function decoded({ isFlexible, decode }: Decoder, bytes: Buffer): unknown {
  const reader = new WireReader(bytes)
  if (isFlexible) reader.tags()
  return decode(reader)
}

/** How many values something is made of. */
function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array || typeof value === 'string') return value.length + 1
  if (value instanceof Map) return sizeOf([...value])
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, part) => sum + sizeOf(part), 1)
}

describe('an answer as it was recorded', () => {
  it('tells what the broker said', () => {
    const { topics, brokers } = decoded(metadata.at(13), recorded(recordedKafkaAnswers.metadata)) as ClusterMetadata
    expect(topics.map(({ name, partitions }) => [name, partitions.length])).toEqual([['orders', 2]])
    expect(brokers.map(({ nodeId, host }) => [nodeId, host])).toEqual([[1, '127.0.0.1']])
    const { partitions } = fetch.at(13).decode(fetchReader())
    expect(valuesOf(partitions[0]!)).toEqual(['one', 'two', 'three', 'four'])
  })
})

function fetchReader(): WireReader {
  const reader = new WireReader(recorded(recordedKafkaAnswers.fetch))
  reader.tags()
  return reader
}

function valuesOf(fetched: FetchedPartition): string[] {
  const [set, values]: [RecordSet, string[]] = [new RecordSet(fetched, 0, 'orders/0'), []]
  for (let record = set.next(); record; record = set.next()) values.push(Buffer.from(record.value ?? []).toString())
  return values
}

describe.each(answers)('a damaged answer to %s', (_name, decoder, answer) => {
  it('is an error or an answer that its bytes can hold', () => {
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const bytes = damages.reduce((damaged, change) => change(damaged), answer)
        try {
          // Names of fields are not in the bytes: a value for each of at most six, and what they lie in.
          expect(sizeOf(decoded(decoder, bytes))).toBeLessThanOrEqual(16 + 8 * bytes.length)
        } catch (thrown) {
          if (!(thrown instanceof WireError)) throw thrown
        }
      }),
      { numRuns: 1_500 },
    )
  })

  it('is never believed where its end is cut off', () => {
    const whole = new WireReader(answer)
    if (decoder.isFlexible) whole.tags()
    decoder.decode(whole)
    for (let end = 0; end < whole.position; end++)
      expect(() => decoded(decoder, answer.subarray(0, end))).toThrow(WireError)
  })
})

describe('records of a damaged fetch', () => {
  it('are an error, or those that were written, or less of them', () => {
    const [, , answer] = answers.at(-1)!
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 2 }), (damages) => {
        const bytes = damages.reduce((damaged, change) => change(damaged), answer)
        try {
          const reader = new WireReader(bytes)
          reader.tags()
          for (const partition of fetch.at(13).decode(reader).partitions)
            // A transaction that the answer does not say was aborted counts as committed.
            expect(['one', 'two', 'three', 'four', 'aborted']).toEqual(expect.arrayContaining(valuesOf(partition)))
        } catch (thrown) {
          if (!(thrown instanceof WireError)) throw thrown
        }
      }),
      { numRuns: 1_500 },
    )
  })
})

describe('numbers and lengths', () => {
  const reader = (...bytes: number[]) => new WireReader(Buffer.from(bytes))

  it('that are less than nothing are an error; -1 stands for none', () => {
    expect(reader(0xff, 0xff).nullableString()).toBeNull()
    expect(() => reader(0xff, 0xfe).nullableString()).toThrow(WireError)
    expect(reader(0xff, 0xff, 0xff, 0xff).array(() => 0)).toEqual([])
    expect(() => reader(0x80, 0, 0, 0).array(() => 0)).toThrow(WireError)
    expect(() => reader(0xff, 0xff, 0xff, 0xfe).byteString()).toThrow(WireError)
  })

  it('that are beyond 2^53 are an error, in every form', () => {
    expect(() => reader(0x00, 0x20, 0, 0, 0, 0, 0, 0).int64()).toThrow('2^53')
    expect(() => reader(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f).unsignedVarint()).toThrow('2^53')
  })

  it('of brokers and partitions are those that there can be', () => {
    const answer = (host: string, port: number, partition: number) => {
      const writer = new WireWriter().int32(0)
      writer.compactArray([0], () => writer.int32(1).compactString(host).int32(port).unsignedVarint(0).noTags())
      writer.unsignedVarint(0).int32(1)
      writer.compactArray([0], () => {
        writer.int16(0).compactString('orders').uuid('0'.repeat(32)).boolean(false)
        writer.compactArray([0], () => {
          writer.int16(0).int32(partition).int32(1).int32(0)
          for (let lists = 0; lists < 3; lists++) writer.unsignedVarint(1)
          writer.noTags()
        })
        writer.int32(0).noTags()
      })
      return new WireReader(Buffer.from(writer.noTags().bytes))
    }
    expect(metadata.at(12).decode(answer('kafka-1', 9092, 0)).brokers).toEqual([
      { nodeId: 1, host: 'kafka-1', port: 9092 },
    ])
    expect(() => metadata.at(12).decode(answer('', 9092, 0))).toThrow(WireError)
    for (const port of [-1, 0, 65_536])
      expect(() => metadata.at(12).decode(answer('kafka-1', port, 0))).toThrow(WireError)
    expect(() => metadata.at(12).decode(answer('kafka-1', 9092, -1))).toThrow(WireError)
  })
})
