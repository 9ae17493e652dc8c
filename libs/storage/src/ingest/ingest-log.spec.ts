import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { folderStorage } from '../folder-storage.ts'
import { memoryStorage } from '../memory-storage.ts'
import { faultyStorage } from '../testing/faulty-storage.ts'
import { ingestLogContract } from '../testing/ingest-log.contract.ts'
import { beginIngest, letGoOfIngest, readSegment, segmentsKeptMin } from './ingest-reader.ts'
import { IngestWriter } from './ingest-writer.ts'
import { decodeSegment, encodeSegment } from './segment.ts'

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

describe('the log of an endpoint in memory', () => {
  ingestLogContract({ open: async () => memoryStorage(), again: (storage) => storage, sequences: 200 })
})

describe('the log of an endpoint in a folder', () => {
  ingestLogContract({
    async open() {
      const folder = await mkdtemp(join(tmpdir(), 'lightflus-ingest-'))
      folders.push(folder)
      return folderStorage(folder)
    },
    again: ({ location }) => folderStorage(location),
    sequences: 40,
  })
})

test('a segment is read as it was written, and a damaged one is told', async () => {
  const place = { path: 'ingest/orders/segments/0000000008', location: 'memory' }
  const mark = fc.tuple(fc.string(), fc.string())
  const segment = fc.record({
    number: fc.nat(),
    writer: fc.uuid(),
    at: fc.nat(),
    bytesBefore: fc.nat(),
    bytesMax: fc.nat(),
    marks: fc.array(mark),
    window: fc.array(mark),
    records: fc.array(fc.uint8Array()),
  })
  await fc.assert(
    fc.asyncProperty(segment, fc.nat(), async ({ records, ...facts }, at) => {
      let end = 0
      const ends = Int32Array.from(records, ({ length }) => (end += length))
      const written = { ...facts, ends, bytes: new Uint8Array(Buffer.concat(records)) }
      const file = await encodeSegment(written)
      expect(await decodeSegment(file, place)).toEqual(written)
      const damaged = file.slice()
      damaged[at % file.length]! ^= 1
      await expect(decodeSegment(damaged, place)).rejects.toMatchObject({
        code: expect.stringMatching(/^LF_CHECKPOINT_(DAMAGED|FORMAT)$/),
      })
    }),
    { numRuns: 50 },
  )
})

describe('a log with a bound', () => {
  const setUp = async (segments: number) => {
    const storage = memoryStorage()
    const place = { storage, job: 'shop', endpoint: 'orders' }
    const writer = new IngestWriter({ ...place, bytesMax: 10_000, segmentBytesMax: 100, now: () => 7, lingerMs: 0 })
    // 96 bytes and 4 for where it ends.
    const append = () => writer.append({ records: [new Uint8Array(96)], key: undefined })
    for (let count = 0; count < segments; count += 1) await append()
    return { place, append }
  }

  test('refuses what is more, and takes it again once it has been let go of', async () => {
    const { place, append } = await setUp(100)
    await expect(append()).rejects.toMatchObject({ code: 'LF_INGEST_FULL', details: { retryAfterSeconds: 5 } })
    await letGoOfIngest(place, { kept: 3, goingOn: 3 })
    await append()
    await append()
    await expect(append()).rejects.toMatchObject({ code: 'LF_INGEST_FULL' })
  })

  test('keeps for savepoints what they need until it is half full, and never lets go of what the job needs', async () => {
    const half = await setUp(50)
    expect(await letGoOfIngest(half.place, { kept: 5, goingOn: 30 })).toBe(5)
    const more = await setUp(60)
    expect(await letGoOfIngest(more.place, { kept: 5, goingOn: 30 })).toBe(30)
    expect(await readSegment(more.place, 29)).toBeUndefined()
    expect(await readSegment(more.place, 30)).toBeDefined()
  })

  test('keeps the newest segments, whatever is needed', async () => {
    const { place } = await setUp(40)
    expect(await letGoOfIngest(place, { kept: 41, goingOn: 41 })).toBe(40 - segmentsKeptMin + 1)
    expect(await beginIngest(place, { segment: 41, record: 0 })).toEqual({ segment: 41, record: 0 })
  })
})

// Goal: what a client repeats with its key until it is accepted is there once, whatever became of the tries before.
test('nothing is lost or doubled where storage fails, late or after all, and clients try again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.noBias(fc.nat(999))), async (numbers) => {
      const random = (): number => (numbers.next().value as number) / 1_000
      const inner = memoryStorage()
      const place = { job: 'shop', endpoint: 'orders' }
      const writers = [0, 1].map(() => {
        const chances = { 'fails before': 0.1, 'fails after': 0.1, 'happens late': 0.1 }
        const storage = faultyStorage(inner, { random, chances, slowMsMax: 3, pause: () => Promise.resolve() })
        return new IngestWriter({
          ...place,
          storage,
          bytesMax: 100_000,
          segmentBytesMax: 30,
          now: () => 7,
          lingerMs: 0,
        })
      })
      const send = async (key: string): Promise<void> => {
        for (let time = 0; time < 100; time += 1) {
          const writer = writers[Math.floor(random() * 2)]!
          const accepted = await writer.append({ records: [Buffer.from(key)], key }).catch(() => undefined)
          if (accepted) return
        }
        throw new Error(`${key} was never accepted`)
      }
      const keys = Array.from({ length: 12 }, (_, index) => `r${index}`)
      await Promise.all(keys.map(send))
      const read: string[] = []
      for (let number = 1; ; number += 1) {
        const segment = await readSegment({ ...place, storage: inner }, number)
        if (!segment) break
        read.push(...Buffer.from(segment.bytes).toString().split(/(?=r)/))
      }
      expect(read.toSorted()).toEqual(keys.toSorted())
    }),
    { numRuns: 50 },
  )
})
