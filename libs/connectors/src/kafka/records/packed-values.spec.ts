import fc from 'fast-check'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { damage } from '../../testing/damaged-bytes.ts'
import type { AbortedTransaction } from '../protocol/fetch.ts'
import { WireError } from '../protocol/wire.ts'
import { crc32c } from './crc32c.ts'
import { PoisonedBuffers } from '../../testing/poisoned-buffers.ts'
import { PackedValues } from './packed-values.ts'
import { encodeBatch } from '../../testing/encode-batch.ts'
import type { NewRecord } from './record-batch.ts'
import { RecordSet } from './record-set.ts'

// Goal: values that are only pointed at are those that reading record by record finds, and whatever that refuses is refused.

interface Read {
  readonly offset: number
  readonly timestamp: number
  readonly value: string | null
}
type Outcome = { readonly records: Read[]; readonly nextOffset: number } | string

const fetchedOf = (records: Buffer, aborted: readonly AbortedTransaction[]) => ({
  ...{ partition: 0, error: 0, lastStableOffset: 0, logStartOffset: 0, newLeader: -1 },
  aborted,
  records,
})

/** What reading comes to: the records, or that it was refused. */
function outcome(read: () => Outcome): Outcome {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof WireError) return 'refused'
    if ((thrown as { code?: unknown }).code === 'LF_KAFKA_COMPRESSION') return 'refused'
    throw thrown
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const buffers = new PoisonedBuffers()

interface Wanted {
  readonly from: number
  readonly until: number
}

const plainly = (bytes: Buffer, aborted: readonly AbortedTransaction[], { from, until }: Wanted): Outcome =>
  outcome(() => {
    const set = new RecordSet(fetchedOf(bytes, aborted), from, 'orders/0')
    const records: Read[] = []
    for (let record = set.next(); record; record = set.next()) {
      if (record.offset >= until) return { records, nextOffset: until }
      const { offset, timestamp, value } = record
      records.push({ offset, timestamp, value: value && textOf(value) })
    }
    return { records, nextOffset: set.nextOffset }
  })

/** By so many at a time, the bytes in the middle of a larger buffer. */
const packed = (bytes: Buffer, aborted: readonly AbortedTransaction[], wanted: Wanted, recordsMax: number): Outcome =>
  outcome(() => {
    const lent = buffers.lend(7 + bytes.length)
    bytes.copy(lent.bytes, 7)
    const inWhole = lent.bytes.subarray(7, 7 + bytes.length)
    let set: RecordSet | undefined
    try {
      set = new RecordSet(fetchedOf(inWhole, aborted), wanted.from, 'orders/0', { lent, buffers })
      return readPacked(set, wanted.until, recordsMax)
    } finally {
      set?.close()
      lent.release()
      expect(buffers.lentBytes).toBe(0)
    }
  })

function readPacked(set: RecordSet, until: number, recordsMax: number): Outcome {
  const values = new PackedValues()
  const records: Read[] = []
  for (;;) {
    values.begin(recordsMax, true)
    const hasReachedEnd = set.fill(values, recordsMax, until)
    values.end()
    let size = 0
    for (let index = 0; index < values.length; index++) {
      const [start, end] = [values.starts[index]!, values.ends[index]!]
      const value = start === -1 ? null : textOf(values.bytes.subarray(start, end))
      records.push({ offset: values.positions[index]!, timestamp: values.timestamps![index]!, value })
      size += value === null ? 0 : end - start
    }
    expect(values.length).toBeLessThanOrEqual(recordsMax)
    expect([values.positions.length, values.timestamps!.length]).toEqual([values.length, values.length])
    expect(values.size).toBeGreaterThanOrEqual(size)
    if (hasReachedEnd) return { records, nextOffset: until }
    if (values.length === 0) {
      expect(set.isDone).toBe(true)
      return { records, nextOffset: set.nextOffset }
    }
  }
}

/** Sets fields of an encoded batch, and its checksum anew. */
function sealed(batch: Uint8Array, base: number, gap: number, attributes: number, records?: Buffer): Buffer {
  const copy = records ? Buffer.concat([batch.subarray(0, 61), records]) : Buffer.from(batch)
  copy.writeBigInt64BE(BigInt(base), 0)
  copy.writeInt32BE(copy.length - 12, 8)
  copy.writeInt16BE(attributes, 21)
  copy.writeInt32BE(copy.readInt32BE(23) + gap, 23)
  copy.writeBigInt64BE(1n, 43)
  copy.writeUInt32BE(crc32c(copy.subarray(21)), 17)
  return copy
}

const bytes = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 60, maxLength: 200 }) },
)
const newRecord: fc.Arbitrary<NewRecord> = fc.record({
  key: bytes,
  value: bytes,
  timestamp: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 45 })),
  headers: fc.array(fc.record({ name: fc.string({ maxLength: 8 }), value: bytes }), { maxLength: 2 }),
})

/** Batches one behind another as a broker keeps them: gaps, transactions, compression, its own times, markers. */
const log: fc.Arbitrary<Buffer> = fc
  .array(
    fc.record({
      records: fc.array(newRecord, { minLength: 1, maxLength: 80 }),
      gapBefore: fc.nat(3),
      gapBehind: fc.nat(3),
      codec: fc.constantFrom(0, 0, 0, 1, 4),
      bits: fc.constantFrom(0, 0, 0x08, 0x10),
      isCompactedAway: fc.nat(9).map((roll) => roll === 0),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((batches) => {
    let next = 0
    const parts = batches.map(({ records, gapBefore, gapBehind, codec, bits, isCompactedAway }) => {
      const batch = encodeBatch(records, 'none')
      const body = Buffer.from(batch.subarray(61))
      const packedBody = codec === 1 ? gzipSync(body) : codec === 4 ? zstdCompressSync(body) : body
      const base = next + gapBefore
      next = base + records.length + gapBehind
      if (!isCompactedAway) return sealed(batch, base, gapBehind, bits | codec, packedBody)
      const header = Buffer.from(batch.subarray(0, 61))
      header.writeInt32BE(0, 57)
      return sealed(header, base, gapBehind, bits)
    })
    return Buffer.concat(parts)
  })

const wanted = fc
  .tuple(fc.nat(90), fc.oneof(fc.constant(Infinity), fc.nat(150)))
  .map(([from, more]) => ({ from, until: from + more }))
const aborted = fc.constantFrom([], [], [{ producerId: '1', firstOffset: 0 }], [{ producerId: '1', firstOffset: 60 }])

it('are those of reading record by record, from any offset to any other, and however many at a time', () => {
  fc.assert(
    fc.property(log, aborted, wanted, fc.integer({ min: 1, max: 200 }), (bytes, aborted, wanted, recordsMax) => {
      expect(packed(bytes, aborted, wanted, recordsMax)).toEqual(plainly(bytes, aborted, wanted))
    }),
    { numRuns: 500 },
  )
})

it('are refused where reading record by record refuses, whatever the bytes under a right checksum', () => {
  const everything = { from: 0, until: Infinity }
  fc.assert(
    fc.property(
      fc.array(newRecord, { minLength: 1, maxLength: 5 }),
      fc.array(damage, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: -1, max: 8 }),
      (records, damages, count) => {
        const batch = Buffer.from(encodeBatch(records, 'none'))
        const body = damages.reduce<Buffer>((damaged, change) => change(damaged), batch.subarray(61))
        if (count >= 0) batch.writeInt32BE(count, 57)
        const bytes = sealed(batch, 0, 0, 0, body)
        expect(packed(bytes, [], everything, 100)).toEqual(plainly(bytes, [], everything))
      },
    ),
    { numRuns: 2_000 },
  )
})

it('lie in one buffer in a batch: what was compressed comes by itself', () => {
  const records = Array.from({ length: 3 }, () => ({ key: null, value: Buffer.of(1), timestamp: 0, headers: [] }))
  const plain = (base: number) => sealed(encodeBatch(records, 'none'), base, 0, 0)
  const zipped = (base: number) => sealed(encodeBatch(records, 'gzip'), base, 0, 1)
  const set = new RecordSet(
    fetchedOf(Buffer.concat([plain(0), plain(3), zipped(6), zipped(9), plain(12)]), []),
    0,
    'o/0',
  )
  const values = new PackedValues()
  const lengths = Array.from({ length: 4 }, () => {
    values.begin(100, false)
    set.fill(values, 100, Infinity)
    expect(values.timestamps).toBeUndefined()
    return values.length
  })
  expect(lengths).toEqual([6, 3, 3, 3])
})
