import { StateBudget, type FrozenState, type SubtaskSnapshot, type WriteState } from '@lightflus/engine'
import { deserializeShare, shareOfSlot, unpackSnapshot } from '../checkpoint/snapshot-codec.ts'
import { SnapshotCopies } from './snapshot-copies.ts'

// Goal: a snapshot that is copied bit by bit comes out whole and in order, or not at all, and leaves no memory behind.

/** State of so many keys, each of which says what it is when it is copied. */
class Counted implements FrozenState {
  bytes = 0
  value = 'barrier'
  next = 0
  readonly #keys: number
  #write: WriteState = () => undefined

  constructor(keys: number) {
    this.#keys = keys
  }

  begin(write: WriteState): void {
    this.bytes = 1_000
    this.#write = write
  }

  advance(entries: number): boolean {
    for (const end = Math.min(this.next + entries, this.#keys); this.next < end; this.next++)
      this.#write(this.next % 2, { keys: [this.next], values: [this.value] })
    if (this.next === this.#keys) this.release()
    return this.next < this.#keys
  }

  release(): void {
    this.bytes = 0
  }
}

function setUp() {
  const budget = new StateBudget(1e9)
  const turns: (() => void)[] = []
  let now = 0
  const copies = new SnapshotCopies({
    budget,
    // Each look is a slice later.
    elapsed: () => (now += 2),
    pause: () => new Promise((resolve) => turns.push(resolve)),
  })
  return { budget, copies, turns }
}

async function settle<T>(promise: Promise<T>, turns: (() => void)[]): Promise<T> {
  let isDone = false
  void promise.finally(() => (isDone = true)).catch(() => undefined)
  while (!isDone) {
    turns.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return promise
}

const snapshotOf = (frozen: FrozenState): SubtaskSnapshot => ({
  formatVersion: 1,
  chain: 'c',
  index: 0,
  operators: [{ operator: 'o', kind: 'process', subtask: 's', keyGroups: new Map(), frozen }],
})

async function read(file: { bytes: Uint8Array; sha256: string }) {
  const stored = await unpackSnapshot(file.bytes, { path: 'p', location: 'memory' }, file.sha256)
  const [share] = deserializeShare(shareOfSlot([stored], { index: 0, parallelism: 1 }))
  return share.operators[0].keyGroups
}

test('all slices make one file, and then nothing is held', async () => {
  const { budget, copies, turns } = setUp()
  const stored = copies.store('c', 1, snapshotOf(new Counted(300)), 0)
  expect(budget.bytes).toBeGreaterThan(1_000)
  const { file } = (await settle(stored, turns))!
  const groups = await read(file)
  expect(groups.get(1)).toEqual({
    keys: Array.from({ length: 150 }, (_, i) => 2 * i + 1),
    values: new Array(150).fill('barrier'),
  })
  expect(budget.bytes).toBe(0)
})

test('an aborted one is let go of at once, and the next is not held up', async () => {
  const { budget, copies, turns } = setUp()
  const first = new Counted(1_000)
  const aborted = copies.store('c', 1, snapshotOf(first), 0)
  copies.abort('c', 1)
  expect(budget.bytes).toBe(0)
  const { next } = first
  const second = copies.store('c', 2, snapshotOf(new Counted(10)), 0)
  expect(await settle(aborted, turns)).toBeUndefined()
  expect((await read((await settle(second, turns))!.file)).size).toBe(2)
  expect(first.next).toBe(next)
})

test('a second barrier finds the first copied to its end: no state is frozen twice', async () => {
  const { copies, turns } = setUp()
  const state = new Counted(1_000)
  const first = copies.store('c', 1, snapshotOf(state), 0)
  const last = copies.store('c', 'finished', snapshotOf(new Counted(10)), 0)
  state.value = 'later'
  const order: unknown[] = []
  void first.then(() => order.push(1))
  void last.then(() => order.push('finished'))
  await settle(last, turns)
  const values = [...(await read((await settle(first, turns))!.file)).values()] as { values: string[] }[]
  expect(values.flatMap((each) => each.values)).toEqual(new Array(1_000).fill('barrier'))
  expect(order).toEqual([1, 'finished'])
})

test('files of segments are let go of once: when they are stored, or as soon as nobody is going to store them', async () => {
  const { copies, turns } = setUp()
  const released: string[] = []
  const segments = [{ name: 'a', path: 'disk/a', bytes: 1 }]
  const withSegments = (name: string, frozen: FrozenState, files: typeof segments): SubtaskSnapshot => {
    const snapshot = snapshotOf(frozen)
    const [operator] = snapshot.operators
    return { ...snapshot, operators: [{ ...operator, segments: files, releaseSegments: () => released.push(name) }] }
  }
  const stored = await settle(copies.store('c', 1, withSegments('stored', new Counted(300), segments), 0), turns)
  expect(stored).toMatchObject({ segments })
  expect(released).toEqual([])
  copies.stored('c', 1)
  copies.stored('c', 1)
  expect(released).toEqual(['stored'])

  const aborted = copies.store('c', 2, withSegments('aborted', new Counted(1_000), segments), 0)
  copies.abort('c', 2)
  await settle(aborted, turns)
  expect(released).toEqual(['stored', 'aborted'])

  const state = new Counted(1_000)
  const failed = copies.store('c', 3, withSegments('failed', state, segments), 0)
  state.value = (() => undefined) as unknown as string
  await expect(settle(failed, turns)).rejects.toThrow()
  await settle(copies.store('c', 4, withSegments('empty', new Counted(1), []), 0), turns)
  expect(released).toEqual(['stored', 'aborted', 'failed', 'empty'])
})

test('state that no checkpoint can hold is told by its operator, also where it is found later', async () => {
  const { budget, copies, turns } = setUp()
  const state = new Counted(1_000)
  const stored = copies.store('c', 1, snapshotOf(state), 0)
  state.value = (() => undefined) as unknown as string
  await expect(settle(stored, turns)).rejects.toMatchObject({
    code: 'LF_STATE_UNSUPPORTED',
    details: { operator: 'o', subtask: 'c/0' },
  })
  expect(budget.bytes).toBe(0)
})
