import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StateSegment } from '@lightflus/engine'
import { folderStorage, memoryStorage, segmentOf, type CheckpointStorage } from '@lightflus/storage'
import { bringSegments, RestoredSegments, wantedBy, type LeftSegment } from './restored-segments.ts'
import { folderDisk, readPieces } from './segment-disk.ts'
import { SegmentUploads } from './segment-uploads.ts'
import { partBytes, type StoredSegment } from './stored-segment.ts'

// Goal: a segment comes back as it was, in pieces that fit into memory, is stored once, and damage is told by its file.

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lightflus-segments-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function segment(name: string, content: Uint8Array): Promise<StateSegment> {
  const path = join(folder, name)
  await writeFile(path, content)
  return { name, path, bytes: content.byteLength }
}

const uploads = (storage: CheckpointStorage, restored: readonly StoredSegment[] = []) =>
  new SegmentUploads({ storage, attempt: 2, readFile: readPieces, restored })
const owner = { chain: 0, index: 1 }
const ofAll = (each: StoredSegment): LeftSegment => ({ ...each, keyGroups: [{ first: 0, last: 127 }] })
const disk = () => new RestoredSegments(folderDisk(join(folder, 'restored')))

test.each([
  ['in memory', () => memoryStorage()],
  ['in a folder', () => folderStorage(join(folder, 'storage'))],
])('segments of any size come back from storage %s, the large ones in parts', async (_, open) => {
  const storage = open()
  const contents = [0, 1, partBytes, 2 * partBytes + 7].map((bytes) => randomBytes(bytes))
  const segments = await Promise.all(contents.map((content, at) => segment(`segment ${at}`, content)))
  const stored = await uploads(storage).store(owner, 5, segments)
  expect(stored.map(({ parts }) => parts)).toEqual([0, 1, 1, 3])
  const files = await Promise.all((await storage.list('')).map(async (path) => (await storage.get(path))!.byteLength))
  expect(Math.max(...files)).toBeLessThan(partBytes + 10_000)
  expect(stored.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(files.reduce((sum, bytes) => sum + bytes, 0))
  const wanted = { ...wantedBy([0], 1), disk: disk(), assertsOthers: true }
  const paths = await bringSegments(storage, stored.map(ofAll), wanted)
  for (const [at, content] of contents.entries())
    expect((await readFile(paths.get(`segment ${at}`)!)).equals(content)).toBe(true)
})

test('what storage holds is not stored again: of a snapshot before, of one that failed, of the restored checkpoint', async () => {
  const inner = memoryStorage()
  const puts: string[] = []
  let isFull = false
  const storage: CheckpointStorage = {
    ...inner,
    put: async (path, bytes) => {
      if (isFull) throw new Error('no space')
      puts.push(path)
      await inner.put(path, bytes)
    },
  }
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => segment(name, Buffer.from(name))))
  const first = uploads(storage)
  const [storedA] = await first.store(owner, 5, [a])
  isFull = true
  await expect(first.store(owner, 6, [a, b])).rejects.toThrow('no space')
  isFull = false
  const stored = await first.store(owner, 7, [a, b])
  expect(stored).toEqual([storedA, expect.objectContaining({ name: 'b' })])
  expect(await first.store(owner, 8, [a, b, a])).toEqual(stored)
  expect(puts.map((path) => segmentOf(path)!.checkpoint)).toEqual([5, 7])
  // The file need not even be there.
  await rm(a.path)
  expect((await uploads(storage, stored).store(owner, 9, [b, a, c])).map(({ name }) => name)).toEqual(['b', 'a', 'c'])
  expect(puts.map((path) => segmentOf(path)!.checkpoint)).toEqual([5, 7, 9])
})

test('a file that is cut is not stored as if it were whole, and nothing once the attempt is over', async () => {
  const short = { ...(await segment('a', Buffer.from('abc'))), bytes: 4 }
  const first = uploads(memoryStorage())
  await expect(first.store(owner, 5, [short])).rejects.toMatchObject({
    code: 'LF_CHECKPOINT_FAILED',
    message: expect.stringContaining('it holds 3 bytes instead of 4') as string,
  })
  first.close()
  await expect(first.store(owner, 6, [{ ...short, bytes: 3 }])).rejects.toThrow('the attempt is over')
})

test('damage is told by the file, and leaves nothing on the disk', async () => {
  const storage = memoryStorage()
  const [stored] = await uploads(storage).store(owner, 5, [await segment('a', randomBytes(2 * partBytes))])
  const [one, two] = await storage.list('')
  const [whole, other] = [(await storage.get(one))!, (await storage.get(two))!]
  const damages: readonly (readonly [() => Promise<void>, string])[] = [
    [() => storage.delete(two), `${two} in memory is damaged: it is missing`],
    [() => storage.put(one, whole.subarray(1)), `${one} in memory is damaged: it does not begin like a file`],
    [() => storage.put(one, whole.with(99, whole[99] ^ 1)), `${one} in memory is damaged: its checksum does not match`],
    [() => storage.put(one, other), `${stored.folder} in memory is damaged: its parts are not those`],
  ]
  for (const [damage, message] of damages) {
    await damage()
    const bring = (slots: number[]) =>
      bringSegments(storage, [ofAll(stored)], { ...wantedBy(slots, 1), disk: disk(), assertsOthers: true })
    // Also where another worker's slots will need it.
    for (const slots of [[0], []])
      await expect(bring(slots)).rejects.toMatchObject({
        code: 'LF_CHECKPOINT_DAMAGED',
        message: expect.stringContaining(message) as string,
      })
    await expect(stat(join(folder, 'restored', '0'))).rejects.toThrow('ENOENT')
    await storage.put(one, whole)
    await storage.put(two, other)
  }
})

test('a process brings back what its slots take from, once for all attempts, and lets go of the rest', async () => {
  const storage = memoryStorage()
  const segments = await Promise.all(['a', 'b'].map((name) => segment(name, Buffer.from(name))))
  const [a, b] = await uploads(storage).store(owner, 5, segments)
  const left = [
    { ...a, keyGroups: [{ first: 0, last: 63 }] },
    { ...b, keyGroups: [{ first: 64, last: 127 }] },
  ]
  const restored = disk()
  const bring = (slots: number[], parallelism: number) =>
    bringSegments(storage, left, { ...wantedBy(slots, parallelism), disk: restored, assertsOthers: false })
  expect([...(await bring([2], 4)).keys()]).toEqual(['b'])
  expect([...(await bring([0, 1], 4)).keys()]).toEqual(['a'])
  const paths = await bring([0], 1)
  for (const path of await storage.list('')) await storage.delete(path)
  expect(await bring([1], 3)).toEqual(paths)
  await restored.keep([b])
  expect(await readFile(paths.get('b')!, 'utf8')).toBe('b')
  await expect(stat(paths.get('a')!)).rejects.toThrow('ENOENT')
  await expect(bring([0], 2)).rejects.toMatchObject({ code: 'LF_CHECKPOINT_DAMAGED' })
})

test('nothing more is brought back once nobody waits for it', async () => {
  const inner = memoryStorage()
  const names = Array.from({ length: 20 }, (_, at) => `${at}`)
  const segments = await Promise.all(names.map((name) => segment(name, Buffer.from(name))))
  const stored = await uploads(inner).store(owner, 5, segments)
  const over = new AbortController()
  let gets = 0
  const get = (path: string) => {
    gets += 1
    over.abort(new Error('over'))
    return inner.get(path)
  }
  const wanted = { ...wantedBy([0], 1), disk: disk(), assertsOthers: true, signal: over.signal }
  await expect(bringSegments({ ...inner, get }, stored.map(ofAll), wanted)).rejects.toThrow('over')
  expect(gets).toBeLessThan(10)
})

test('where a deployment has no folder for state, that is what is told', async () => {
  const storage = memoryStorage()
  const stored = await uploads(storage).store(owner, 5, [await segment('a', Buffer.from('a'))])
  const wanted = { ...wantedBy([0], 1), disk: new RestoredSegments(undefined), assertsOthers: true }
  await expect(bringSegments(storage, stored.map(ofAll), wanted)).rejects.toMatchObject({
    code: 'LF_DEPLOYMENT_OPTION',
  })
})
