import fc from 'fast-check'
import type { RecordBatch } from '@lightflus/engine'
import { BatchDecoder, BatchEncoder, columnSpace } from './batch-codec.ts'
import { overflow } from './columns/column.ts'
import { Columns } from './columns/create-column.ts'
import { plainObjectColumn } from './columns/plain-object-column.ts'
import { batches } from './testing/arbitrary-batches.ts'
import { shown } from './testing/shown.ts'
import { viewsOf } from './views.ts'

/** Shrinking takes minutes here; the seed that is printed is enough. */
const endOnFailure = true

/** One channel's codec over a memory that has room for everything. */
function channel(columns: Columns, bytes = 4_194_304) {
  const encoder = new BatchEncoder(columns)
  const decoder = new BatchDecoder(columns)
  const views = viewsOf(new SharedArrayBuffer(bytes))
  return {
    encode(batch: RecordBatch, start = 0, end = bytes) {
      const space = columnSpace(views)
      const written = encoder.encode(batch, space, start, end)
      const { foreign } = space
      return {
        written,
        foreign,
        decode: () => decoder.decode(columnSpace(views), start, () => structuredClone(foreign)),
      }
    },
    clear: () => views.bytes.fill(0, 0, 65_536),
    published: () => encoder.published(),
    bytes: (start: number, end: number) => Buffer.from(views.bytes.subarray(start, end)).toString('latin1'),
  }
}

const asCloned = ({ values, timestamps, keys, changes }: RecordBatch) =>
  shown({ values: structuredClone(values), timestamps, keys: keys && structuredClone(keys), changes })
const asRead = ({ values, timestamps, keys, changes }: RecordBatch) => shown({ values, timestamps, keys, changes })

describe('batches as columns', () => {
  it('arrive as structured clones would', () => {
    fc.assert(
      fc.property(batches, (sent) => {
        const { encode, published } = channel(new Columns())
        for (const batch of sent) {
          const { decode } = encode(batch)
          published()
          expect(asRead(decode())).toBe(asCloned(batch))
        }
      }),
      { numRuns: 600, endOnFailure },
    )
  })

  it('are the same bytes, and the same records, with and without generated code', () => {
    fc.assert(
      fc.property(batches, (sent) => {
        const fast = channel(new Columns())
        const plain = channel(new Columns(plainObjectColumn))
        for (const batch of sent) {
          // Once more where it was learned: what an attempt left in the gaps between columns is no part of a batch.
          for (const each of [fast, plain]) {
            each.encode(batch)
            each.clear()
          }
          const one = fast.encode(batch)
          const other = plain.encode(batch)
          fast.published()
          plain.published()
          expect(one.written).toBe(other.written)
          expect(shown(one.foreign)).toBe(shown(other.foreign))
          expect(fast.bytes(0, one.written)).toBe(plain.bytes(0, other.written))
          expect(asRead(one.decode())).toBe(asRead(other.decode()))
        }
      }),
      { numRuns: 200, endOnFailure },
    )
  })

  it('overflow wherever the memory ends, write nothing behind it, and can be written again', () => {
    fc.assert(
      fc.property(batches, fc.double({ min: 0, max: 1, noNaN: true }), (sent, share) => {
        const { encode, published, bytes } = channel(new Columns())
        const whole = channel(new Columns())
        for (const batch of sent) {
          const { written } = whole.encode(batch)
          whole.published()
          const end = 64 + (Math.floor(written * share) & ~7)
          const before = bytes(end, end + 1_024)
          const cut = encode(batch, 64, end)
          expect(bytes(end, end + 1_024)).toBe(before)
          const { decode } = cut.written === overflow ? encode(batch, 64) : cut
          published()
          expect(asRead(decode())).toBe(asCloned(batch))
        }
      }),
      { numRuns: 200, endOnFailure },
    )
  })
})
