import fc from 'fast-check'
import { encodeBatch } from '../../testing/encode-batch.ts'
import { BatchEncoder, noStamp, type BatchMemory } from './batch-encoder.ts'
import { crc32c } from './crc32c.ts'
import { batchesIn, recordsIn, type NewRecord, type StoredRecord } from './record-batch.ts'

/** Buffers that are full of something else, and no larger than they must be. */
function memory(): BatchMemory & { readonly taken: Set<Buffer> } {
  const taken = new Set<Buffer>()
  return {
    taken,
    take(bytes) {
      const buffer = Buffer.alloc(bytes, 0xa5)
      taken.add(buffer)
      return buffer
    },
    give(buffer) {
      if (!taken.delete(buffer)) throw new Error('given back twice')
      buffer.fill(0x5a)
    },
  }
}

const bytes = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 120, maxLength: 300 }),
)
const timestamp = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_001_000 }),
  fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
)
const header = fc.record({ name: fc.string({ unit: 'binary', maxLength: 8 }), value: bytes })
const newRecord: fc.Arbitrary<NewRecord> = fc.record({
  key: bytes,
  value: bytes,
  timestamp,
  headers: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(header, { maxLength: 3 })),
})
const text = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom('ä', '漢', '\ud800'), minLength: 50, maxLength: 130 }),
)

const stored = (encoder: BatchEncoder): StoredRecord[] => {
  encoder.compress('none')
  encoder.stamp(noStamp)
  return [...batchesIn(encoder.bytes)].flatMap((batch) => [...recordsIn(batch, 'a test')])
}
const plain = ({ key, value, timestamp, headers }: NewRecord) => ({
  key: key && [...key],
  value: value && [...value],
  timestamp,
  headers: headers.map((header) => [header.name, header.value && [...header.value]]),
})

describe('a batch', () => {
  it.each(['none', 'gzip', 'zstd'] as const)('in %s is, byte by byte, that of the plain encoder', (compression) => {
    fc.assert(
      fc.property(fc.array(newRecord, { minLength: 1, maxLength: 100 }), fc.nat(5_000), (records, capacity) => {
        const encoder = new BatchEncoder(memory(), capacity)
        for (const record of records) encoder.add(record)
        encoder.compress(compression)
        encoder.stamp(noStamp)
        const smallest = encodeBatch(records, compression)
        const uncompressed = encodeBatch(records, 'none')
        const expected = smallest.length < uncompressed.length ? smallest : uncompressed
        expect(encoder.bytes.equals(expected)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('of texts is that of their bytes', () => {
    const record = fc.tuple(bytes, text, fc.array(header, { maxLength: 2 }), timestamp)
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 80 }), fc.nat(1_000), (records, capacity) => {
        const encoder = new BatchEncoder(memory(), capacity)
        for (const [key, value, headers, time] of records) encoder.addText(key, value, headers, time)
        encoder.compress('none')
        encoder.stamp(noStamp)
        const plainly = records.map(([key, value, headers, timestamp]) => ({
          key,
          value: Buffer.from(value),
          headers,
          timestamp,
        }))
        expect(encoder.bytes.equals(encodeBatch(plainly, 'none'))).toBe(true)
      }),
    )
  })

  it('of encoded texts is that of each, and ends where it is full', () => {
    const sizes = fc.array(fc.nat(300), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 61, max: 5_000 }), fc.nat(50), (lengths, bytesMax, gap) => {
        const starts = new Int32Array(lengths.length + 3)
        const ends = new Int32Array(lengths.length + 3)
        let end = 0
        for (const [index, length] of lengths.entries()) {
          starts[index] = end + gap
          ends[index] = end = end + gap + length
        }
        const all = Buffer.from(Array.from({ length: end }, (_, at) => at % 251))
        const texts = { length: lengths.length, bytes: all, starts, ends }
        const timeOf = (index: number) => 1_700_000_000_000 + (index % 7) * 100
        for (let from = 0; from < lengths.length;) {
          const encoder = new BatchEncoder(memory(), 100)
          const next = encoder.addEncoded(texts, all, from, bytesMax, timeOf)
          const expected = lengths.slice(from, next).map((_, at): NewRecord => {
            const index = from + at
            return { key: null, value: all.subarray(starts[index], ends[index]), headers: [], timestamp: timeOf(index) }
          })
          encoder.compress('none')
          encoder.stamp(noStamp)
          expect(encoder.bytes.equals(encodeBatch(expected, 'none'))).toBe(true)
          if (next < lengths.length) expect(encoder.length).toBeGreaterThanOrEqual(bytesMax)
          const before = expected.slice(0, -1)
          if (before.length > 0) expect(encodeBatch(before, 'none').length).toBeLessThan(bytesMax)
          from = next
        }
      }),
      { numRuns: 50 },
    )
  })

  it('bears who wrote it, and can be written anew by another', () => {
    const encoder = new BatchEncoder(memory(), 0)
    encoder.addText(null, 'text', [], 7)
    encoder.compress('none')
    for (const stamp of [
      { producerId: 2 ** 45 + 7, epoch: 32_767, sequence: 2 ** 31 - 1, isTransactional: true },
      { producerId: 12, epoch: 0, sequence: 0, isTransactional: false },
    ]) {
      encoder.stamp(stamp)
      const { bytes } = encoder
      expect(bytes.readBigInt64BE(43)).toBe(BigInt(stamp.producerId))
      expect([bytes.readInt16BE(51), bytes.readInt32BE(53)]).toEqual([stamp.epoch, stamp.sequence])
      expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes.subarray(21)))
      expect([...batchesIn(bytes)]).toEqual([
        expect.objectContaining({ isTransactional: stamp.isTransactional, producerId: String(stamp.producerId) }),
      ])
    }
  })

  it.each(['none', 'gzip', 'zstd'] as const)(
    'in %s is cut into halves that hold its records in order',
    (compression) => {
      fc.assert(
        fc.property(fc.array(newRecord, { minLength: 2, maxLength: 150 }), (records) => {
          const buffers = memory()
          const encoder = new BatchEncoder(buffers, 0)
          for (const record of records) encoder.add(record)
          encoder.compress(compression)
          encoder.stamp(noStamp)
          const halves = encoder.halves()
          expect(halves.map(({ count }) => count)).toEqual([
            Math.ceil(records.length / 2),
            Math.floor(records.length / 2),
          ])
          expect(halves.flatMap(stored).map(plain)).toEqual(records.map(plain))
          for (const half of halves) half.release()
          expect(buffers.taken.size).toBe(0)
        }),
        { numRuns: 40 },
      )
    },
  )

  it('counts many headers', () => {
    const encoder = new BatchEncoder(memory(), 0)
    const headers = Array.from({ length: 200 }, (_, at) => ({
      name: `ä${at}`,
      value: at === 0 ? null : Buffer.from([at]),
    }))
    const record = { key: null, value: null, headers, timestamp: -5 }
    encoder.add(record)
    expect(stored(encoder).map(plain)).toEqual([plain(record)])
  })

  it('names its first record, and keeps what it names short', () => {
    const encoder = new BatchEncoder(memory(), 0)
    encoder.addText(Buffer.from('k'.repeat(500)), 'v'.repeat(2 ** 20), [], Date.UTC(2026, 10, 23))
    encoder.compress('gzip')
    encoder.stamp(noStamp)
    const { bytes, name } = encoder.describeFirst()
    expect(bytes).toBeGreaterThan(2 ** 20)
    expect(name).toBe(`key '${'k'.repeat(100)}', time 2026-11-23T00:00:00.000Z`)
  })
})
