import type { FetchedPartition } from '../protocol/fetch.ts'
import { encodeBatch } from '../../testing/encode-batch.ts'
import { payloadsOf } from '../../testing/drain.ts'
import { PartitionReader } from './partition-reader.ts'

// Goal: what is held gives up its memory, and is read on from just where it stood.

const place = { topic: 'orders', topicId: 'id', partition: 0, offset: 0, end: undefined }
const start = { ...place, envelope: false, timestamps: true }
const reader = (): PartitionReader => new PartitionReader(start)

/** Records whose values are their offsets, as a broker answers a fetch from `from` on. */
function fetched(from: number, count: number): FetchedPartition {
  const records = Array.from({ length: count }, (_, index) => ({
    key: null,
    value: Buffer.from(String(from + index)),
    headers: [],
    timestamp: 1_000,
  }))
  const bytes = Buffer.from(encodeBatch(records, 'none'))
  // Where the batch begins in the log: the broker writes that.
  bytes.writeBigInt64BE(BigInt(from), 0)
  return { partition: 0, error: 0, lastStableOffset: 100, logStartOffset: 0, aborted: [], records: bytes }
}
const values = (partition: PartitionReader, most: number): string[] =>
  payloadsOf(partition.take(most)).map((value) => Buffer.from(value as Uint8Array).toString())

it('fetches nothing while it is held, and keeps what is there as long as nobody needs the memory', () => {
  const partition = reader()
  partition.add(fetched(0, 5))
  expect(values(partition, 2)).toEqual(['0', '1'])
  partition.isHeld = true
  expect(partition.wantsMore).toBe(false)
  partition.isHeld = false
  expect(partition.wantsMore).toBe(true)
  expect(values(partition, 10)).toEqual(['2', '3', '4'])
})

it('gives up what was fetched while it is held, and fetches it again', () => {
  const partition = reader()
  partition.add(fetched(0, 5))
  values(partition, 2)
  partition.dropWhileHeld()
  expect(partition.bufferedBytes).toBeGreaterThan(0)
  partition.isHeld = true
  partition.dropWhileHeld()
  expect(partition).toMatchObject({ bufferedBytes: 0, fetchOffset: 2 })
  expect(partition.position).toEqual({ offset: 2, topicId: 'id' })
  partition.isHeld = false
  partition.add(fetched(2, 3))
  expect(values(partition, 10)).toEqual(['2', '3', '4'])
})

it('gives up nothing while an answer is under way, which would no longer fit', () => {
  const partition = reader()
  partition.add(fetched(0, 5))
  partition.isHeld = true
  partition.isBeingFetched = true
  partition.dropWhileHeld()
  partition.add(fetched(5, 2))
  partition.isBeingFetched = false
  expect(partition.fetchOffset).toBe(7)
  // What was fetched apart lies apart.
  expect(values(partition, 10)).toEqual(['0', '1', '2', '3', '4'])
  expect(values(partition, 10)).toEqual(['5', '6'])
})
