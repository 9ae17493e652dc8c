import fc from 'fast-check'
import type { CheckpointStorage } from '../checkpoint-storage.ts'
import { beginIngest, letGoOfIngest, readSegment, segmentsKeptMin } from '../ingest/ingest-reader.ts'
import { IngestWriter, type IngestWriterOptions } from '../ingest/ingest-writer.ts'
import type { DriverUnderTest } from './storage.contract.ts'

const endpoint = 'orders'
const record = (text: string): Uint8Array => Buffer.from(text)

const writerOf = (storage: CheckpointStorage, options: Partial<IngestWriterOptions> = {}): IngestWriter =>
  new IngestWriter({
    storage,
    job: 'shop',
    endpoint,
    bytesMax: 1_000_000,
    segmentBytesMax: 10_000,
    now: () => 7,
    lingerMs: 0,
    ...options,
  })

const placeOf = (storage: CheckpointStorage) => ({ storage, job: 'shop', endpoint })

/** All records from a segment on, in their order. */
async function readAll(storage: CheckpointStorage, from = 1): Promise<string[]> {
  const all: string[] = []
  for (let number = from; ; number += 1) {
    const segment = await readSegment(placeOf(storage), number)
    if (!segment) return all
    let start = 0
    for (const end of segment.ends) {
      all.push(Buffer.from(segment.bytes.subarray(start, end)).toString())
      start = end
    }
  }
}

async function appendOneByOne(storage: CheckpointStorage, count: number): Promise<IngestWriter> {
  const writer = writerOf(storage)
  for (let index = 0; index < count; index += 1)
    await writer.append({ records: [record(`r${index}`)], key: `key-${index}` })
  return writer
}

/** What the log of an endpoint promises over every driver of checkpoint storage. */
export function ingestLogContract({ open, again, sequences }: DriverUnderTest): void {
  it('holds what was accepted, each request whole and once, whichever writer it was sent to and however often', async () => {
    const request = fc.record({
      writer: fc.nat(2),
      key: fc.option(fc.nat(5), { nil: undefined }),
      again: fc.nat(2),
      count: fc.integer({ min: 1, max: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (requests) => {
        const storage = await open()
        const writers = [storage, again(storage), again(storage)].map((each) => writerOf(each))
        const expected: string[] = []
        const known = new Set<number>()
        const answers = requests.flatMap(({ writer, key, again: repeats, count }, index) => {
          const name = key === undefined ? `u${index}` : `k${key}`
          // One key stands for one request, so that what is expected does not hang on who comes first.
          const records = Array.from({ length: key === undefined ? count : 2 }, (_, at) => `${name}.${at}`)
          const times = key === undefined ? 1 : 1 + repeats
          if (key === undefined || !known.has(key)) expected.push(...records)
          if (key !== undefined) known.add(key)
          const sent = { records: records.map(record), key: key === undefined ? undefined : name }
          return Array.from({ length: times }, (_, time) => writers[(writer + time) % 3]!.append(sent))
        })
        const accepted = await Promise.all(answers)
        const read = await readAll(storage)
        expect(read.toSorted()).toEqual(expected.toSorted())
        // All or nothing, and side by side.
        for (const first of read.filter((each) => /^k\d+\.0$/.test(each)))
          expect(read[read.indexOf(first) + 1]).toBe(first.replace(/0$/, '1'))
        expect(accepted.filter(({ duplicate }) => !duplicate)).toHaveLength(
          requests.filter(({ key }) => key === undefined).length + known.size,
        )
      }),
      { numRuns: Math.ceil(sequences / 4) },
    )
  })

  it('knows requests again that another process accepted, also when the segments behind are gone', async () => {
    const storage = await open()
    const count = 3 * segmentsKeptMin
    await appendOneByOne(storage, count)
    await letGoOfIngest(placeOf(storage), { kept: count, goingOn: count })
    expect(await readSegment(placeOf(storage), 1)).toBeUndefined()
    const other = writerOf(again(storage))
    const before = await readAll(storage, count - segmentsKeptMin + 1)
    expect(await other.append({ records: [record('r0')], key: 'key-0' })).toEqual({ duplicate: true })
    expect(await other.append({ records: [record(`r${count - 1}`)], key: `key-${count - 1}` })).toEqual({
      duplicate: true,
    })
    await expect(other.append({ records: [record('another')], key: 'key-0' })).rejects.toMatchObject({
      code: 'LF_IDEMPOTENCY_MISMATCH',
    })
    expect(await readAll(storage, count - segmentsKeptMin + 1)).toEqual(before)
  })

  // A number that was let go of is free again: what is written there nobody would read.
  it('loses nothing to a writer that slept while others went on and the log was let go of', async () => {
    const storage = await open()
    const sleeper = writerOf(again(storage))
    await sleeper.append({ records: [record('first')], key: undefined })
    const count = 3 * segmentsKeptMin
    await appendOneByOne(storage, count)
    await letGoOfIngest(placeOf(storage), { kept: count, goingOn: count })
    const floor = await beginIngest(placeOf(storage), undefined)
    expect(floor.segment).toBeGreaterThan(2)
    await sleeper.append({ records: [record('after')], key: undefined })
    expect((await readAll(storage, floor.segment)).at(-1)).toBe('after')
    expect(await readSegment(placeOf(storage), 2)).toBeUndefined()
  })

  it('begins where it is told, and refuses what is gone', async () => {
    const storage = await open()
    const count = 2 * segmentsKeptMin
    await appendOneByOne(storage, count)
    await letGoOfIngest(placeOf(storage), { kept: 10, goingOn: 10 })
    expect(await beginIngest(placeOf(storage), undefined)).toEqual({ segment: 10, record: 0 })
    expect(await beginIngest(placeOf(storage), { segment: 12, record: 1 })).toEqual({ segment: 12, record: 1 })
    await expect(beginIngest(placeOf(storage), { segment: 9, record: 0 })).rejects.toMatchObject({
      code: 'LF_INGEST_GONE',
    })
  })
}
