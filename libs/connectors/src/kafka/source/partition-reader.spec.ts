import fc from 'fast-check'
import { payloadAt, type SourceBatch } from '@lightflus/engine'
import { encodeBatch } from '../../testing/encode-batch.ts'
import { payloadsOf } from '../../testing/drain.ts'
import { PoisonedBuffers } from '../../testing/poisoned-buffers.ts'
import { crc32c } from '../records/crc32c.ts'
import { PartitionReader } from './partition-reader.ts'

// Goal: what is held gives up its memory, and is read on from just where it stood; and nothing is overwritten in use.

const place = { topic: 'orders', topicId: 'id', partition: 0, offset: 0, end: undefined }
const buffers = new PoisonedBuffers()
const start = { ...place, envelope: false, timestamps: true, buffers }
const reader = (): PartitionReader => new PartitionReader(start)

type Compression = 'none' | 'gzip' | 'lz4'

/** A batch whose records lie in an LZ4 frame as they are. */
function asLz4(batch: Buffer): Buffer {
  const records = batch.subarray(61)
  const size = Buffer.alloc(4)
  size.writeUInt32LE(0x8000_0000 + records.length)
  const frame = Buffer.concat([Buffer.from('04224d18604000', 'hex'), size, records, Buffer.alloc(4)])
  const packed = Buffer.concat([batch.subarray(0, 61), frame])
  packed.writeInt32BE(packed.length - 12, 8)
  packed.writeInt16BE(3, 21)
  packed.writeUInt32BE(crc32c(packed.subarray(21)), 17)
  return packed
}

/** A batch of records whose values are their offsets. */
function batchOf(from: number, count: number, compression: Compression = 'none'): Buffer {
  const records = Array.from({ length: count }, (_, index) => ({
    key: null,
    value: Buffer.from(String(from + index)),
    headers: [],
    timestamp: 1_000,
  }))
  const plain = Buffer.from(encodeBatch(records, compression === 'lz4' ? 'none' : compression))
  const bytes = compression === 'lz4' ? asLz4(plain) : plain
  // Where the batch begins in the log: the broker writes that.
  bytes.writeBigInt64BE(BigInt(from), 0)
  return bytes
}

/** Batches as a broker answers a fetch with them, in a buffer that others have given back. */
function arrive(partition: PartitionReader, records: Buffer): void {
  const lent = buffers.lend(records.length + 10)
  records.copy(lent.bytes, 10)
  const inBuffer = lent.bytes.subarray(10, 10 + records.length)
  const ends = { lastStableOffset: 100, logStartOffset: 0, newLeader: -1 }
  partition.add({ partition: 0, error: 0, ...ends, aborted: [], records: inBuffer }, lent)
  lent.release()
}

const texts = (batch: SourceBatch | undefined): string[] =>
  payloadsOf(batch).map((value) => Buffer.from(value as Uint8Array).toString())
const values = (partition: PartitionReader, most: number): string[] => texts(partition.take(most))
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => String(from + at))

it('fetches nothing while it is held, and keeps what is there as long as nobody needs the memory', () => {
  const partition = reader()
  arrive(partition, batchOf(0, 5))
  expect(values(partition, 2)).toEqual(['0', '1'])
  partition.isHeld = true
  expect(partition.wantsMore).toBe(false)
  partition.isHeld = false
  expect(partition.wantsMore).toBe(true)
  expect(values(partition, 10)).toEqual(['2', '3', '4'])
  partition.close()
})

it('gives up what was fetched while it is held, and fetches it again', () => {
  const partition = reader()
  arrive(partition, batchOf(0, 5))
  values(partition, 2)
  partition.dropWhileHeld()
  expect(partition.bufferedBytes).toBeGreaterThan(0)
  partition.isHeld = true
  partition.dropWhileHeld()
  expect(partition).toMatchObject({ bufferedBytes: 0, fetchOffset: 2 })
  expect(partition.position).toEqual({ offset: 2, topicId: 'id' })
  partition.isHeld = false
  arrive(partition, batchOf(2, 3))
  expect(values(partition, 10)).toEqual(['2', '3', '4'])
  partition.close()
})

it('gives up nothing while an answer is under way, which would no longer fit', () => {
  const partition = reader()
  arrive(partition, batchOf(0, 5))
  partition.isHeld = true
  partition.isBeingFetched = true
  partition.dropWhileHeld()
  arrive(partition, batchOf(5, 2))
  partition.isBeingFetched = false
  expect(partition.fetchOffset).toBe(7)
  // What was fetched apart lies apart.
  expect(values(partition, 10)).toEqual(['0', '1', '2', '3', '4'])
  expect(values(partition, 10)).toEqual(['5', '6'])
  partition.close()
})

it('keeps what was taken last until more is taken or it is let go, also when the rest is given up', () => {
  const partition = reader()
  arrive(partition, batchOf(0, 5))
  const taken = partition.take(10)!
  partition.isHeld = true
  partition.dropWhileHeld()
  expect(texts(taken)).toEqual(numbers(0, 5))
  const first = payloadAt(taken.payloads, 0) as Uint8Array
  partition.letGo()
  expect([...first]).toEqual([0xaa])
  expect(buffers.lentBytes).toBe(0)
})

it('fetches whole batches, of the size that was seen last', () => {
  const partition = reader()
  expect(partition.fetchBytes(10_000)).toBe(10_000)
  const batch = batchOf(0, 100)
  arrive(partition, Buffer.concat([batch, batchOf(100, 100).subarray(0, 20)]))
  const fitting = (size: number): number => Math.floor(10_000 / Math.ceil(size * 1.02)) * Math.ceil(size * 1.02)
  const size = batchOf(100, 100).length
  expect(partition.fetchBytes(10_000)).toBe(fitting(size))
  // Larger than what may be fetched: the broker sends one whole all the same.
  expect(partition.fetchBytes(size - 1)).toBe(size - 1)
  for (let round = 0; round < 500; round++) arrive(partition, batchOf(100 + round, 1))
  arrive(partition, Buffer.alloc(0))
  expect(partition.fetchBytes(10_000)).toBe(fitting(batchOf(600, 1).length))
  partition.close()
})

it('reads every value once and unharmed, however it comes, is taken, held and given up, and ends with no buffer', () => {
  const compression = fc.constantFrom<Compression>('none', 'gzip', 'lz4')
  const step = fc.oneof(
    fc.record({
      arrives: fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), compression), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ takes: fc.integer({ min: 1, max: 60 }) }),
    fc.constant('hold' as const),
    fc.constant('let go' as const),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const partition = reader()
      const read: string[] = []
      const take = (most: number): boolean => {
        const batch = partition.take(most)
        read.push(...texts(batch))
        return batch !== undefined
      }
      for (const step of steps) {
        if (step === 'hold') {
          partition.isHeld = true
          partition.dropWhileHeld()
          partition.isHeld = false
        } else if (step === 'let go') partition.letGo()
        else if ('takes' in step) take(step.takes)
        else {
          let next = partition.fetchOffset
          const batches = step.arrives.map(([count, compression]) => {
            const bytes = batchOf(next, count, compression)
            next += count
            return bytes
          })
          arrive(partition, Buffer.concat(batches))
        }
      }
      while (take(50));
      expect(read).toEqual(numbers(0, partition.position.offset))
      expect(partition.position.offset).toBe(partition.fetchOffset)
      partition.close()
      expect(buffers.lentBytes).toBe(0)
    }),
  )
})
