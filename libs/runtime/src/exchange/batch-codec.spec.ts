import fc from 'fast-check'
import { everything, nothing, project, type Demand, type RecordBatch } from '@lightflus/engine'
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
function channel(columns: Columns, wanted = everything, bytes = 4_194_304) {
  const encoder = new BatchEncoder(columns, wanted)
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

const asCloned = ({ values, timestamps, keys, changes, counts }: RecordBatch) =>
  shown({ values: structuredClone(values), timestamps, keys: keys && structuredClone(keys), changes, counts })
const asRead = ({ values, timestamps, keys, changes, counts }: RecordBatch) =>
  shown({ values, timestamps, keys, changes, counts })

const demand: fc.Arbitrary<Demand> = fc.letrec<{ demand: Demand }>((tie) => ({
  demand: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(everything, nothing),
    fc
      .uniqueArray(
        fc.tuple(fc.constantFrom('id', 'at', 'user', 'place', 'x', 'tags', '__proto__', '1'), tie('demand')),
        {
          selector: ([name]) => name,
        },
      )
      .map((fields): Demand => ({ whole: false, text: false, fields: new Map(fields) })),
  ),
})).demand

describe('batches of which fields are wanted', () => {
  const projected = (batch: RecordBatch, wanted: Demand) => ({
    ...batch,
    values: batch.values.map((value) => project(value, wanted)),
  })

  it('arrive with all that is wanted', () => {
    fc.assert(
      fc.property(batches, demand, (sent, wanted) => {
        const { encode, published } = channel(new Columns(), wanted)
        for (const batch of sent) {
          const { decode } = encode(batch)
          published()
          expect(asRead(projected(decode(), wanted))).toBe(
            asCloned(projected({ ...batch, values: structuredClone(batch.values) }, wanted)),
          )
        }
      }),
      { numRuns: 600, endOnFailure },
    )
  })

  it('are the same bytes, and the same records, with and without generated code', () => {
    fc.assert(
      fc.property(batches, demand, (sent, wanted) => {
        const fast = channel(new Columns(), wanted)
        const plain = channel(new Columns(plainObjectColumn), wanted)
        for (const batch of sent) {
          for (const each of [fast, plain]) {
            each.encode(batch)
            each.clear()
          }
          const one = fast.encode(batch)
          const other = plain.encode(batch)
          fast.published()
          plain.published()
          expect(fast.bytes(0, one.written)).toBe(plain.bytes(0, other.written))
          expect(asRead(one.decode())).toBe(asRead(other.decode()))
        }
      }),
      { numRuns: 200, endOnFailure },
    )
  })

  const fields = (of: Record<string, Demand>): Demand => ({
    whole: false,
    text: false,
    fields: new Map(Object.entries(of)),
  })
  const visits = Array.from({ length: 50 }, (_, id) => ({
    id,
    user: `user ${id}`,
    place: { x: id, note: `note ${id}` },
    tags: id % 2 === 0 ? null : new Map(),
  }))

  it.each([
    ['some fields', fields({ id: everything, place: fields({ x: everything }) }), { id: 7, place: { x: 7 } }],
    ['whether a field is an object', fields({ place: nothing }), { place: {} }],
    ['fields that are not there', fields({ other: everything }), {}],
    ['nothing', nothing, {}],
  ])('bring no others: %s', (_name, wanted, seventh) => {
    const { encode, published, bytes, clear } = channel(new Columns(), wanted)
    const ids = visits.map(({ id }) => id)
    const batch = { values: visits, timestamps: ids, keys: ids }
    // The receiver knows their type when it is given them again.
    encode(batch).decode()
    published()
    clear()
    const { written, decode, foreign } = encode(batch)
    expect(foreign).toEqual([])
    expect(bytes(0, written)).not.toMatch(/user|note/)
    expect(shown(decode().values[7])).toBe(shown(seventh))
  })
})

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
