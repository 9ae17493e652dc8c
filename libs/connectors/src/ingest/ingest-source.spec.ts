import type { SourcePositions } from '@lightflus/engine'
import fc from 'fast-check'
import { drain } from '../testing/drain.ts'
import { sourceContext } from '../testing/test-context.ts'
import { IngestSource, type IngestLog, type IngestSegment } from './ingest-source.ts'

const textOf = (payload: unknown): string => Buffer.from(payload as Uint8Array).toString()

/** A log of these segments, of which the first so many are there. */
function logOf(segments: readonly (readonly string[])[]): IngestLog & { there: number; begun: unknown[] } {
  const begun: unknown[] = []
  return {
    there: segments.length,
    begun,
    async begin(_endpoint, from) {
      begun.push(from)
      return typeof from === 'object' ? from : { segment: 1, record: 0 }
    },
    async read(_endpoint, number) {
      const records = number <= this.there ? segments[number - 1] : undefined
      if (!records) return undefined
      let end = 0
      const ends = Int32Array.from(records, (record) => (end += Buffer.byteLength(record)))
      return { at: number, bytes: Buffer.from(records.join('')), ends } satisfies IngestSegment
    },
  }
}

const readerOf = (log: IngestLog, subtask = { index: 0, parallelism: 1 }) =>
  new IngestSource(sourceContext({ options: { endpoint: 'orders' }, subtask }), log)

test('every record is read once and in order, over any restores and however it is cut', async () => {
  const segments = fc.array(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }), { maxLength: 5 })
  const cuts = fc.array(fc.nat(6), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(segments, cuts, fc.integer({ min: 1, max: 5 }), async (given, counts, recordsMax) => {
      const log = logOf(given)
      const all = given.flat()
      const read: string[] = []
      let positions
      for (const count of [...counts, Infinity]) {
        const reader = readerOf(log)
        await reader.open(positions)
        const got = new Map<string, unknown[]>()
        await drain(reader, got, { count: Math.min(count, all.length - read.length), recordsMax })
        read.push(...(got.get('ingest/orders') ?? []).map(textOf))
        positions = JSON.parse(JSON.stringify(reader.positions()))
        await reader.close()
      }
      expect(read).toEqual(all)
    }),
    { numRuns: 100 },
  )
})

test('a fresh start begins with what is unread, a restore that knows nothing with the oldest', async () => {
  const log = logOf([])
  const restores: (SourcePositions | undefined)[] = [undefined, {}, { 'ingest/orders': { segment: 3, record: 1 } }]
  for (const restored of restores) {
    const reader = readerOf(log)
    await reader.open(restored)
    await reader.close()
  }
  expect(log.begun).toEqual(['unread', 'oldest', { segment: 3, record: 1 }])
})

test('it reads in the first subtask alone, and is caught up once nothing more is there', async () => {
  const log = logOf([['a'], ['b']])
  log.there = 1
  const other = readerOf(log, { index: 1, parallelism: 2 })
  await other.open(undefined)
  expect([other.poll(10), other.partitions(), other.positions()]).toEqual([undefined, [], {}])
  const reader = readerOf(log, { index: 0, parallelism: 2 })
  await reader.open(undefined)
  await drain(reader, new Map(), { count: 1 })
  while (!reader.partitions()[0]!.caughtUp) await new Promise((resolve) => setImmediate(resolve))
  log.there = 2
  const read = await drain(reader, new Map(), { count: 1 })
  expect(read.get('ingest/orders')!.map(textOf)).toEqual(['b'])
  await reader.close()
})

test('what the log refuses ends the reader', async () => {
  const gone = new Error('gone')
  const reader = readerOf({ begin: async () => ({ segment: 1, record: 0 }), read: () => Promise.reject(gone) })
  await reader.open(undefined)
  await expect(drain(reader, new Map(), { count: 1 })).rejects.toBe(gone)
  await reader.close()
})
