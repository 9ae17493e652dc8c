import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { javaMessages } from '../../testing/java-messages.ts'
import { anyMessage, wireForm } from '../../testing/kafka-messages.ts'
import { damage } from '../../testing/damaged-bytes.ts'
import { generatedFiles, generatedFolder } from './dev/generate.ts'
import { messageDefinition } from './dev/message-definition.ts'
import { wantedByTests, wantedMessages } from './dev/wanted-messages.ts'
import { UnsupportedField, type MessageCodec } from './message-codec.ts'
import { endTxnCodec } from './generated/end-txn.ts'
import { fetchCodec } from './generated/fetch.ts'
import { WireError, WireReader, WireWriter } from './wire.ts'

type AnyCodec = MessageCodec<unknown, unknown>
type Kind = 'Request' | 'Response'

/** Every codec by its name, from the files that are there. */
const codecs = new Map<string, AnyCodec>()
beforeAll(async () => {
  for (const path of generatedFiles().keys())
    for (const exported of Object.values((await import(join(generatedFolder, path))) as Record<string, AnyCodec>))
      if ('writeRequest' in exported) codecs.set(exported.name, exported)
})

const cases = Object.entries({ ...wantedMessages, ...wantedByTests }).flatMap(([name, versions]) =>
  versions.flatMap((version) => (['Request', 'Response'] as const).map((kind) => [name, kind, version] as const)),
)

function written(codec: AnyCodec, kind: Kind, version: number, value: unknown): Buffer {
  const writer = new WireWriter(8)
  codec[`write${kind}`](writer, value, version)
  return writer.bytes
}

function read(codec: AnyCodec, kind: Kind, version: number, bytes: Buffer): unknown {
  const reader = new WireReader(bytes)
  const value = codec[`read${kind}`](reader, version)
  expect(reader.remaining).toBe(0)
  return value
}

it('the generated files are those that the definitions yield', () => {
  for (const [path, source] of generatedFiles())
    expect([path, readFileSync(join(generatedFolder, path), 'utf8')]).toEqual([path, source])
})

describe.each(cases)('%s%s %i', (name, kind, version) => {
  const definition = messageDefinition(`${name}${kind}`)

  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyMessage(definition, version), (value) => {
        const codec = codecs.get(name)!
        expect(read(codec, kind, version, written(codec, kind, version, value))).toEqual(value)
      }),
      { numRuns: 60 },
    )
  })

  it('is read and written as Kafka’s own client does', () => {
    const codec = codecs.get(name)!
    const examples = javaMessages(`${name}${kind}`, version)
    expect(examples.length).toBeGreaterThanOrEqual(3)
    for (const { json, hex } of examples) {
      const bytes = Buffer.from(hex, 'hex')
      const value = read(codec, kind, version, bytes)
      expect(wireForm(definition, version, value)).toEqual(json)
      expect(written(codec, kind, version, value).toString('hex')).toBe(hex)
    }
  })

  it('is an error, or some value, where its bytes are damaged', () => {
    const codec = codecs.get(name)!
    const examples = fc.constantFrom(...javaMessages(`${name}${kind}`, version))
    fc.assert(
      fc.property(examples, damage, ({ hex }, change) => {
        try {
          codec[`read${kind}`](new WireReader(change(Buffer.from(hex, 'hex'))), version)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(WireError)
        }
      }),
      { numRuns: 150 },
    )
  })
})

it('a field that nobody knows is left out, wherever it stands', () => {
  const response = { throttleTimeMs: 0, errorCode: 0, producerId: 7, producerEpoch: 1 }
  const bytes = written(endTxnCodec as AnyCodec, 'Response', 5, response)
  const more = Buffer.concat([bytes.subarray(0, -1), Buffer.from([2, 3, 2, 0xff, 0xff, 9, 0])])
  expect(read(endTxnCodec as AnyCodec, 'Response', 5, more)).toEqual(response)
})

it('a value that a version has no place for is refused, unless Kafka says that it may be left out', () => {
  const request = { maxWaitMs: 1, minBytes: 1, topics: [], forgottenTopicsData: [] }
  const state = { replicaId: 3, replicaEpoch: 4 }
  expect(() => written(fetchCodec as AnyCodec, 'Request', 13, { ...request, replicaState: state })).toThrow(
    UnsupportedField,
  )
  expect(() => written(fetchCodec as AnyCodec, 'Request', 16, { ...request, replicaId: 3 })).toThrow(UnsupportedField)
  written(fetchCodec as AnyCodec, 'Request', 13, { ...request, replicaState: { replicaId: -1, replicaEpoch: -1 } })
})

it('long byte strings are not copied', () => {
  const records = Buffer.alloc(100_000, 7)
  const writer = new WireWriter()
  writer.int32(1).compactByteString(records).int32(2).byteString(records).noTags()
  expect(writer.parts.filter((part) => part === records)).toHaveLength(2)
  expect(writer.length).toBe(4 + 3 + 100_000 + 4 + 4 + 100_000 + 1)
  expect(Buffer.concat(writer.parts)).toEqual(writer.bytes)
  const reader = new WireReader(writer.bytes)
  expect([reader.int32(), reader.compactByteString(), reader.int32(), reader.byteString()]).toEqual([
    1,
    records,
    2,
    records,
  ])
})
