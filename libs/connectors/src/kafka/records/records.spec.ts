import fc from 'fast-check'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { WireError, WireReader, WireWriter } from '../protocol/wire.ts'
import { expand, expandedBytesMax } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { unlz4 } from './lz4.ts'
import { murmur2, partitionOfKey } from './murmur2.ts'
import { encodeBatch } from '../../testing/encode-batch.ts'
import { batchesIn, recordsIn, type NewRecord } from './record-batch.ts'
import { RecordSet } from './record-set.ts'
import { unsnappy } from './snappy.ts'

const bytes = fc.oneof(fc.constant(null), fc.uint8Array({ maxLength: 40 }))
const newRecord: fc.Arbitrary<NewRecord> = fc.record({
  key: bytes,
  value: bytes,
  timestamp: fc.integer({ min: 0, max: 2 ** 45 }),
  headers: fc.array(fc.record({ name: fc.string({ maxLength: 8 }), value: bytes }), { maxLength: 3 }),
})
const plain = ({ key, value, timestamp, headers }: NewRecord) => ({
  key: key && [...key],
  value: value && [...value],
  timestamp,
  headers: headers.map((header) => [header.name, header.value && [...header.value]]),
})

/** Sets fields of an encoded batch, and its checksum anew. */
function patched(
  batch: Uint8Array,
  patch: { base?: number; attributes?: number; producer?: bigint; last?: number; count?: number },
) {
  const copy = Buffer.from(batch)
  if (patch.base !== undefined) copy.writeBigInt64BE(BigInt(patch.base), 0)
  if (patch.attributes !== undefined) copy.writeInt16BE(patch.attributes, 21)
  if (patch.last !== undefined) copy.writeInt32BE(patch.last, 23)
  if (patch.producer !== undefined) copy.writeBigInt64BE(patch.producer, 43)
  if (patch.count !== undefined) copy.writeInt32BE(patch.count, 57)
  copy.writeUInt32BE(crc32c(copy.subarray(21)), 17)
  return copy
}

const record = (value: string): NewRecord => ({ key: null, value: Buffer.from(value), timestamp: 5, headers: [] })
const fetchedOf = (records: Buffer, aborted: { producerId: string; firstOffset: number }[] = []) => ({
  ...{ partition: 0, error: 0, lastStableOffset: 0, logStartOffset: 0 },
  aborted,
  records,
})

function readAll(set: RecordSet): [number, string][] {
  const read: [number, string][] = []
  for (let next = set.next(); next; next = set.next())
    read.push([next.offset, Buffer.from(next.value ?? []).toString()])
  return read
}

describe('checksum and hash', () => {
  it('are those of their definitions', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe306_9283)
    // Values of org.apache.kafka.common.utils.UtilsTest.testMurmur2.
    const hashes = { '21': -973932308, foobar: -790332482, 'a-little-bit-long-string': -985981536 }
    for (const [text, hash] of Object.entries(hashes)) expect(murmur2(Buffer.from(text))).toBe(hash)
    expect(murmur2(Buffer.from('lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8'))).toBe(-58897971)
    expect(murmur2(Buffer.from('abc'))).toBe(479470107)
    expect(partitionOfKey(Buffer.from('21'), 10)).toBe((-973932308 & 0x7fff_ffff) % 10)
  })
})

describe('numbers on the wire', () => {
  it('come back as they were', () => {
    const safe = fc.integer({ min: -(2 ** 48), max: 2 ** 48 })
    fc.assert(
      fc.property(safe, fc.nat(2 ** 31 - 1), fc.string(), (number, natural, text) => {
        const writer = new WireWriter(1)
          .int64(number)
          .varint(number)
          .unsignedVarint(natural)
          .compactString(text)
          .string(text)
        const reader = new WireReader(Buffer.from(writer.bytes))
        expect([reader.int64(), reader.varint(), reader.unsignedVarint()]).toEqual([number, number, natural])
        expect([reader.compactString(), reader.string(), reader.remaining]).toEqual([text, text, 0])
      }),
    )
  })

  it('are an error where the bytes end before them', () => {
    expect(() => new WireReader(Buffer.alloc(3)).int32()).toThrow(WireError)
    expect(() => new WireReader(Buffer.alloc(20, 0xff)).unsignedVarint()).toThrow(WireError)
    expect(() => new WireReader(Buffer.from([0x7f, 0xff, 0xff, 0xff])).array(() => 0)).toThrow(WireError)
  })
})

describe('record batch', () => {
  it('gives back what was put in, in either compression, also behind another batch and before a cut-off one', () => {
    const batch = fc.array(newRecord, { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(batch, batch, fc.constantFrom('none', 'gzip'), fc.nat(70), (first, second, compression, cut) => {
        const [one, two] = [encodeBatch(first, compression), patched(encodeBatch(second, compression), { base: 100 })]
        const all = [...batchesIn(Buffer.concat([one, two, two.subarray(0, Math.min(cut, two.length - 1))]))]
        expect(all.map(({ baseOffset, nextOffset }) => [baseOffset, nextOffset])).toEqual([
          [0, first.length],
          [100, 100 + second.length],
        ])
        const records = all.flatMap((found) => [...recordsIn(found, 'test')])
        expect(records.map(plain)).toEqual([...first, ...second].map(plain))
        expect(records.map(({ offset }) => offset)).toEqual([...first.keys(), ...second.map((_, at) => 100 + at)])
      }),
    )
  })

  it('notices every changed byte', () => {
    const batch = Buffer.from(encodeBatch([record('a'), record('b')], 'none'))
    const readable = (copy: Buffer) => [...batchesIn(copy)].flatMap((found) => [...recordsIn(found, 'test')].map(plain))
    const original = readable(batch)
    for (let at = 0; at < batch.length; at++) {
      // Offset and leader's epoch are the broker's to set, so they are not sealed; a longer length is a cut-off batch.
      if (at < 16) continue
      const copy = Buffer.from(batch)
      copy[at]! ^= 1
      expect(() => expect(readable(copy)).toEqual(original)).toThrow()
    }
  })

  it('never reads beyond its bytes, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(4),
        fc.integer({ min: -2, max: 50 }),
        (junk, codec, count) => {
          const head = encodeBatch([record('x')], 'none').slice(0, 61)
          const whole = Buffer.concat([head, junk])
          whole.writeInt32BE(whole.length - 12, 8)
          const batch = patched(whole, { attributes: codec, count })
          try {
            for (const found of batchesIn(batch))
              for (const { value } of recordsIn(found, 'test')) expect(value?.length ?? 0).toBeLessThan(200)
          } catch (thrown) {
            expect(
              (thrown as Error).name === 'WireError' || (thrown as { code?: string }).code === 'LF_KAFKA_COMPRESSION',
            ).toBe(true)
          }
        },
      ),
    )
  })
})

describe('record set', () => {
  const transactional = 0x10
  const control = 0x30
  const marker = (isCommit: boolean, base: number, producer: bigint) => {
    const key = Buffer.from([0, 0, 0, isCommit ? 1 : 0])
    const batch = encodeBatch([{ key, value: Buffer.alloc(6), timestamp: 5, headers: [] }], 'none')
    return patched(batch, { base, attributes: control, producer })
  }

  it('begins at the offset that was asked for and goes on behind the last batch', () => {
    const batch = encodeBatch([record('a'), record('b'), record('c')], 'none')
    const set = new RecordSet(fetchedOf(patched(batch, { base: 7, last: 5 })), 8, 't/0')
    expect(set.next()?.offset).toBe(8)
    expect(set.nextOffset).toBe(9)
    expect(readAll(set)).toEqual([[9, 'c']])
    expect([set.nextOffset, set.end]).toEqual([13, 13])
  })

  it('moves on over a batch whose records were all compacted away', () => {
    const batch = patched(encodeBatch([record('a')], 'none').slice(0, 61), { base: 3, last: 4, count: 0 })
    batch.writeInt32BE(batch.length - 12, 8)
    const set = new RecordSet(fetchedOf(batch), 3, 't/0')
    expect(readAll(set)).toEqual([])
    expect(set.nextOffset).toBe(8)
  })

  it('leaves out aborted transactions, one producer’s after another and interleaved, and keeps committed ones', () => {
    const batch = (value: string, base: number, producer: bigint) =>
      patched(encodeBatch([record(value)], 'none'), { base, attributes: transactional, producer })
    const log = Buffer.concat([
      batch('aborted 1', 0, 1n),
      batch('committed 2', 1, 2n),
      marker(false, 2, 1n),
      batch('committed 1', 3, 1n),
      marker(true, 4, 1n),
      batch('aborted again 1', 5, 1n),
      marker(true, 6, 2n),
      patched(encodeBatch([record('plain')], 'none'), { base: 7 }),
      marker(false, 8, 1n),
    ])
    const aborted = [
      { producerId: '1', firstOffset: 5 },
      { producerId: '1', firstOffset: 0 },
    ]
    const set = new RecordSet(fetchedOf(log, aborted), 0, 't/0')
    expect(readAll(set)).toEqual([
      [1, 'committed 2'],
      [3, 'committed 1'],
      [7, 'plain'],
    ])
    expect(set.nextOffset).toBe(9)
  })

  it('does not mind how many transactions a broker says were aborted', () => {
    const aborted = Array.from({ length: 1_000_000 }, (_, at) => ({ producerId: String(at), firstOffset: 0 }))
    const batch = patched(encodeBatch([record('a')], 'none'), { attributes: transactional, producer: 999_999n })
    expect(readAll(new RecordSet(fetchedOf(batch, aborted), 0, 't/0'))).toEqual([])
  })
})

describe('compression', () => {
  // Made by the libraries of Kafka's Java client: snappy-java 1.1.10 and its own LZ4 stream.
  const text = 'hello hello hello, a sentence that repeats hello and a sentence'
  const block =
    '3f1468656c6c6f201d06602c20612073656e74656e6365207468617420726570656174730d2534616e6420612073656e74656e6365'
  const golden = {
    snappy: Buffer.from(block, 'hex'),
    framedSnappy: Buffer.from(`82534e4150505900000000010000000100000035${block}`, 'hex'),
    lz4: Buffer.from(
      '04224d18604082350000006768656c6c6f200600f30a2c20612073656e74656e63652074686174207265706561747325' +
        '00e0616e6420612073656e74656e636500000000',
      'hex',
    ),
  }

  it('by Kafka’s own client is undone', () => {
    expect(unsnappy(golden.snappy, 1000).toString()).toBe(text)
    expect(unsnappy(golden.framedSnappy, 1000).toString()).toBe(text)
    expect(unlz4(golden.lz4, 1000).toString()).toBe(text)
  })

  it('that is damaged or cut off is an error or other bytes, never more of them than allowed', () => {
    const damage = fc.record({ at: fc.nat(80), byte: fc.nat(255), cut: fc.nat(80) })
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(golden)), damage, (name, { at, byte, cut }) => {
        const bytes = Buffer.from(golden[name as keyof typeof golden].subarray(0, cut))
        if (at < bytes.length) bytes[at] = byte
        try {
          expect((name === 'lz4' ? unlz4 : unsnappy)(bytes, 1000).length).toBeLessThanOrEqual(1000)
        } catch (thrown) {
          expect(thrown instanceof WireError || thrown instanceof RangeError).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('by zlib is undone', () => {
    expect(expand(1, gzipSync('abc'), 'test').toString()).toBe('abc')
    expect(expand(4, zstdCompressSync('abc'), 'test').toString()).toBe('abc')
    expect(() => expand(7, Buffer.alloc(1), 'partition t/0')).toThrow(
      expect.objectContaining({ code: 'LF_KAFKA_COMPRESSION' }),
    )
  })

  it('that would fill the memory is refused', () => {
    const bomb = Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07]), Buffer.alloc(20)])
    const large = gzipSync(Buffer.alloc(expandedBytesMax + 1))
    for (const [codec, bytes] of [
      [1, large],
      [2, bomb],
    ] as const)
      expect(() => expand(codec, bytes, 'test')).toThrow(expect.objectContaining({ code: 'LF_KAFKA_COMPRESSION' }))
  })
})
