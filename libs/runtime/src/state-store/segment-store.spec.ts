import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Key } from '@lightflus/api'
import { hashKey, keyGroupOf, type KeyGroupRange, type StateSegment } from '@lightflus/engine'
import fc from 'fast-check'
import { SegmentStore } from './segment-store.ts'

// Goal: a store is a Map that lies on disk; what a snapshot names gives back what was there, whatever has happened since.

let folder: string
const opened: SegmentStore[] = []
let number = 0
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'lightflus-store-'))))
const closeAll = (): void => opened.splice(0).forEach((store) => store.close())
afterEach(async () => {
  closeAll()
  await rm(folder, { recursive: true })
})

function open(): SegmentStore {
  const own = join(folder, `${number++}`)
  const owner = { operator: 'counted', subtask: 0, attempt: number }
  const store = new SegmentStore({ job: 'orders', folder: own, owner, segmentBytes: 300 })
  opened.push(store)
  return store
}

const all: KeyGroupRange = { first: 0, last: 127 }
const halves: readonly KeyGroupRange[] = [
  { first: 0, last: 63 },
  { first: 64, last: 127 },
]
const isIn = ({ first, last }: KeyGroupRange, key: Key): boolean => keyGroupOf(key) >= first && keyGroupOf(key) <= last

/** What a store has of these keys. */
function contents(store: SegmentStore, keys: Iterable<Key>): Map<Key, unknown> {
  const found = new Map<Key, unknown>()
  for (const key of keys) {
    const stored = store.get(key)
    if (stored !== undefined) found.set(key, stored.state)
  }
  return found
}

/** Keys of one hash. */
const alike = ['7yzx', 'e6ad'] as const
const key = fc.oneof(
  fc.integer({ min: -3, max: 12 }),
  fc.string({ maxLength: 2 }),
  fc.boolean(),
  fc.constantFrom(...alike),
)
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      key,
      value: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.uint8Array({ maxLength: 20 })),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tidy' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), halved: fc.boolean() }) },
)

interface Snapshot {
  readonly segments: readonly StateSegment[]
  readonly release: () => void
  readonly held: Map<Key, unknown>
}

test('the keys that are to be told apart have one hash', () => {
  expect(hashKey(alike[0])).toBe(hashKey(alike[1]))
})

test('is as a Map, and so is what its snapshots restore', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
      let store = open()
      const held = new Map<Key, unknown>()
      const keys = new Set<Key>()
      const snapshots: Snapshot[] = []
      for (const each of actions) {
        if (each.do === 'put') {
          keys.add(each.key)
          expect(store.get(each.key)?.state).toEqual(held.get(each.key))
          const state = [each.value]
          store.put(each.key, state, Infinity)
          held.set(each.key, state)
        } else if (each.do === 'delete') {
          store.delete(each.key)
          held.delete(each.key)
        } else if (each.do === 'tidy') store.tidy(0)
        else if (each.do === 'snapshot') snapshots.push({ ...store.snapshot(), held: new Map(held) })
        else if (each.do === 'release') snapshots.shift()?.release()
        else {
          // A later attempt goes on with what it restored, and names it again.
          const { segments, release } = store.snapshot()
          const next = open()
          next.restore(
            each.halved ? halves.flatMap((keyGroups) => partsOf(segments, keyGroups)) : partsOf(segments, all),
          )
          snapshots.push({ segments, release, held: new Map(held) })
          store = next
        }
        expect(store.size.entries).toBe(held.size)
      }
      expect(contents(store, keys)).toEqual(held)
      expect(new Set(store.keys())).toEqual(new Set(held.keys()))
      for (const { segments, held: then } of snapshots) assertRestores(segments, then, keys)
      closeAll()
    }),
    { numRuns: 100 },
  )
})

function partsOf(segments: readonly StateSegment[], keyGroups: KeyGroupRange) {
  return segments.flatMap((each) => {
    const own = each.keyGroups ?? all
    const range = { first: Math.max(own.first, keyGroups.first), last: Math.min(own.last, keyGroups.last) }
    return range.first <= range.last ? [{ ...each, keyGroups: range }] : []
  })
}

function assertRestores(segments: readonly StateSegment[], held: ReadonlyMap<Key, unknown>, keys: Set<Key>): void {
  for (const range of [all, ...halves]) {
    const restored = open()
    restored.restore(partsOf(segments, range))
    const expected = new Map([...held].filter(([each]) => isIn(range, each)))
    expect(contents(restored, keys)).toEqual(expected)
    opened.splice(opened.indexOf(restored), 1)[0].close()
  }
}

test('what is read is a copy, whatever is written or changed in place since', () => {
  const store = open()
  store.put('a', new Uint8Array([1, 2, 3]), Infinity)
  const read = store.get('a')!.state as Uint8Array
  read[0] = 9
  expect(store.get('a')!.state).toEqual(new Uint8Array([1, 2, 3]))
  for (let each = 0; each < 50; each++) store.put(each, 'x'.repeat(20), Infinity)
  expect(read).toEqual(new Uint8Array([9, 2, 3]))
})

test('a segment that has changed is told, and not restored', async () => {
  const store = open()
  store.put('a', 'state', Infinity)
  const [segment] = store.snapshot().segments
  const bytes = await readFile(segment.path)
  bytes[8] ^= 1
  await writeFile(segment.path, bytes)
  const restored = open()
  expect(() => restored.restore([{ ...segment, keyGroups: all }])).toThrow(
    expect.objectContaining({ code: 'LF_STATE_DISK' }) as Error,
  )
})

test('takes no more room than some times what is there', () => {
  const store = open()
  for (let round = 0; round < 2_000; round++) {
    const each = round % 40
    store.put(each, { round, text: 'x'.repeat(20) }, Infinity)
    if (round % 40 === 39) store.snapshot().release()
    for (let i = 0; i < 3; i++) store.tidy(0)
  }
  expect(contents(store, Array(40).keys()).size).toBe(40)
  expect(store.size.diskBytes).toBeLessThan(40 * 100 * 6)
})

test('takes no more room either where much is put between two steps of making room', () => {
  const store = open()
  const text = 'x'.repeat(50_000)
  for (let round = 0; round < 1_200; round++) {
    store.put(round % 40, { round, text }, Infinity)
    if (round % 40 === 39) store.tidy(0)
  }
  expect(store.size.diskBytes).toBeLessThan(40 * 50_000 * 3.5)
})

test('of keys that are gone nothing stays, of removals neither', () => {
  const store = open()
  for (let each = 0; each < 3_000; each++) {
    store.put(each, { text: 'x'.repeat(20) }, Infinity)
    store.delete(each)
    if (each % 10 === 0) store.snapshot().release()
    for (let i = 0; i < 3; i++) store.tidy(0)
  }
  expect(store.size.entries).toBe(0)
  expect(store.size.diskBytes).toBeLessThan(10_000)
})

test('what has expired goes, although nobody asks for it', async () => {
  const store = open()
  for (let each = 0; each < 100; each++) store.put(each, 'short', 1_000)
  store.snapshot().release()
  store.put('kept', 'long', 5_000)
  for (let i = 0; i < 100; i++) store.tidy(2_000)
  expect(store.size.entries).toBe(1)
  expect(store.get('kept')!.state).toBe('long')
  store.close()
  expect(await readdir(join(folder, `${number - 1}`))).toEqual([])
})

test('a disk that fails is said with the job, the operator and the folder', async () => {
  const store = open()
  store.put('a', 1, Infinity)
  store.snapshot().release()
  await rm(join(folder, `${number - 1}`), { recursive: true })
  expect(() => {
    for (let i = 0; i < 100; i++) store.put(i, 'x'.repeat(100), Infinity)
  }).toThrow(
    expect.objectContaining({
      code: 'LF_STATE_DISK',
      message: expect.stringContaining('operator counted') as string,
    }) as Error,
  )
})
