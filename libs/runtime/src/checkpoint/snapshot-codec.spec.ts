import fc from 'fast-check'
import { keyGroupCount, subtaskOfKeyGroup, type SubtaskSnapshot } from '@lightflus/engine'
import { serialize } from 'node:v8'
import { zstdCompressSync } from 'node:zlib'
import { encodeFile } from '@lightflus/storage'
import { deserializeShare, shareOfSlot, unpackSnapshot } from './snapshot-codec.ts'
import { packSnapshot, SnapshotCopy } from './snapshot-copy.ts'

const place = { path: 'checkpoints/0000000001-1/0-0', location: 'memory' }

const someState = fc.oneof(
  fc.jsonValue(),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
  fc.double(),
  fc.constant(undefined),
  fc.array(fc.tuple(fc.string(), fc.jsonValue())).map((entries) => new Map(entries)),
)
const someOperator = fc.record({
  operator: fc.string({ minLength: 1 }),
  kind: fc.constantFrom('source' as const, 'window' as const, 'reduce' as const),
  subtask: someState,
  keyGroups: fc
    .uniqueArray(fc.tuple(fc.nat(keyGroupCount - 1), someState), { selector: ([group]) => group, maxLength: 20 })
    .map((entries) => new Map(entries)),
})
const someSnapshot: fc.Arbitrary<SubtaskSnapshot> = fc.record({
  formatVersion: fc.constant(1 as const),
  chain: fc.string({ minLength: 1 }),
  index: fc.nat(7),
  operators: fc.array(someOperator, { maxLength: 3 }),
})

async function stored(snapshot: SubtaskSnapshot) {
  const { bytes, sha256 } = await packSnapshot(snapshot)
  return unpackSnapshot(bytes, place, sha256)
}

describe('snapshots in files', () => {
  it('give each slot its own key groups, and all that belongs to no key, whatever the number of slots', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someSnapshot, { maxLength: 3 }),
        fc.integer({ min: 1, max: 5 }),
        async (snapshots, parallelism) => {
          const read = await Promise.all(snapshots.map(stored))
          for (let index = 0; index < parallelism; index += 1) {
            const share = deserializeShare(shareOfSlot(read, { index, parallelism }))
            const expected = snapshots.map((snapshot) => ({
              ...snapshot,
              operators: snapshot.operators.map((each) => ({
                ...each,
                keyGroups: new Map(
                  [...each.keyGroups].filter(([group]) => subtaskOfKeyGroup(group, parallelism) === index),
                ),
              })),
            }))
            expect(share).toEqual(expected)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('name segments of state, which each slot finds on its disk where it takes key groups from them', async () => {
    const segments = [
      { name: 'whole', path: 'old/whole', bytes: 3 },
      { name: 'part', path: 'old/part', bytes: 4, keyGroups: { first: 64, last: 99 } },
    ]
    const snapshots: SubtaskSnapshot[] = [0, 1].map((index) => ({
      formatVersion: 1,
      chain: 'c',
      index,
      operators: [{ operator: 'o', kind: 'reduce', subtask: index, keyGroups: new Map(), segments }],
    }))
    const read = await Promise.all(snapshots.map(stored))
    const paths = new Map(segments.map(({ name }) => [name, `new/${name}`]))
    const given = deserializeShare(shareOfSlot(read, { index: 2, parallelism: 3 }, paths))
    const there = segments.map((each) => ({ ...each, path: `new/${each.name}` }))
    expect(given.map(({ operators }) => operators[0].segments)).toEqual([undefined, there])
  })

  it('are copied when they are taken: what the state becomes after is no part of them', async () => {
    const live = new Map([['a', 1]])
    const taken = new SnapshotCopy({
      formatVersion: 1,
      chain: 'c',
      index: 0,
      operators: [{ operator: 'o', kind: 'reduce', subtask: undefined, keyGroups: new Map([[0, live]]) }],
    })
    live.set('a', 2)
    const { bytes, sha256 } = await taken.file(() => Promise.resolve())
    const [copy] = deserializeShare(
      shareOfSlot([await unpackSnapshot(bytes, place, sha256)], { index: 0, parallelism: 1 }),
    )
    expect(copy.operators[0].keyGroups.get(0)).toEqual(new Map([['a', 1]]))
  })

  it('of format 1, one object that holds whole key groups, are still read', async () => {
    const operator = {
      operator: 'o',
      kind: 'reduce',
      subtask: serialize('s'),
      keyGroups: new Map([[3, serialize(['k'])]]),
    }
    const payload = serialize({ formatVersion: 1, chain: 'c', index: 0, operators: [operator] })
    const { bytes, sha256 } = await encodeFile('snapshot', zstdCompressSync(payload))
    const [share] = deserializeShare(
      shareOfSlot([await unpackSnapshot(bytes, place, sha256)], { index: 0, parallelism: 1 }),
    )
    expect(share.operators).toEqual([{ ...operator, subtask: 's', keyGroups: new Map([[3, ['k']]]) }])
  })

  it('of another format are refused by its number', async () => {
    const snapshot = { formatVersion: 2 as 1, chain: 'c', index: 0, operators: [] }
    await expect(stored(snapshot)).rejects.toMatchObject({ code: 'LF_CHECKPOINT_FORMAT' })
  })
})
