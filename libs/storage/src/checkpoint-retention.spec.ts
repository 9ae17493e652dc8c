import fc from 'fast-check'
import { deleteGarbage, garbageOf } from './checkpoint-retention.ts'
import { claimJob, type JobLog } from './job-log.ts'
import { emptyLog, restorable, type LoggedCheckpoint } from './log-entry.ts'
import { memoryStorage } from './memory-storage.ts'
import { checkpointFolder, segmentFolder, segmentOf } from './storage-layout.ts'

// Goal: of a job that lives through checkpoints, savepoints, aborted checkpoints, crashes, zombies and ways back, every
// segment is there that a kept checkpoint names, and in the end no other.

const checkpointOf = (checkpoint: number, attempt: number, segments: readonly string[]): LoggedCheckpoint => ({
  checkpoint,
  attempt,
  kind: 'checkpoint',
  completedAt: 0,
  durationMs: 0,
  bytes: 0,
  manifest: { path: `${checkpointFolder(attempt, checkpoint)}manifest`, sha256: '' },
  folders: [checkpointFolder(attempt, checkpoint)],
  segments,
  ending: null,
  outputs: [],
})

test('a segment goes once no kept checkpoint names it, and none to come may', () => {
  const folder = (attempt: number, checkpoint: number | 'finished') => segmentFolder(attempt, checkpoint, '0-0-1')
  const named = [folder(1, 2), folder(3, 5)]
  const checkpoints = [checkpointOf(6, 3, [folder(3, 5)]), checkpointOf(7, 3, named)]
  const isGarbage = garbageOf({ ...emptyLog, attempt: 3, checkpoints })
  const expected: readonly (readonly [string, boolean])[] = [
    [folder(1, 2), false],
    [folder(3, 5), false],
    // Of former attempts, and of a checkpoint that was aborted.
    [folder(1, 3), true],
    [folder(2, 'finished'), true],
    [folder(3, 6), true],
    // Of a checkpoint under way; of what finished subtasks left; of a later attempt.
    [folder(3, 8), false],
    [folder(3, 'finished'), false],
    [folder(4, 5), false],
  ]
  expect(expected.map(([path]) => [path, isGarbage(`${path}0`)])).toEqual(expected)
})

/** What one subtask keeps: names of the segments that its state is made of. */
class Life {
  readonly storage = memoryStorage()
  readonly zombies: JobLog[] = []
  log!: JobLog
  #checkpoint = 0
  #number = 0
  #live: string[] = []
  /** Not stored yet. */
  readonly #fresh = new Set<string>()
  readonly #folders = new Map<string, string>()

  async claim(from?: number): Promise<void> {
    if (this.log) this.zombies.push(this.log)
    this.log = await claimJob({
      storage: this.storage,
      job: 'orders',
      parallelism: 1,
      now: () => 0,
      checkpointsKept: 2,
      savepointsKept: 1,
      ...(from !== undefined && { afresh: `wish ${this.#number++}`, from: { checkpoint: from, acceptRepeats: true } }),
    })
    this.#checkpoint = Math.max(this.#checkpoint, this.log.state.checkpointsUsedTo)
    // A damaged one may have been passed over, so that it is not always the newest.
    const candidates = restorable(this.log.state)
    const { segments = [] } = candidates[this.#number % Math.max(1, candidates.length)] ?? {}
    this.#fresh.clear()
    this.#folders.clear()
    this.#live = segments.map((folder) => {
      this.#folders.set(folder, folder)
      return folder
    })
  }

  seal(): void {
    const name = `fresh ${this.#number++}`
    this.#live.push(name)
    this.#fresh.add(name)
  }

  /** One segment in the place of all that come after it, or of those before. */
  compact(from: number): void {
    this.#live = from % 2 === 0 ? this.#live.slice(0, from % 5) : this.#live.slice(from % 5)
    this.seal()
  }

  /** Stores what is new for a checkpoint. @returns what it names */
  async #store(): Promise<readonly string[]> {
    this.#checkpoint += 1
    for (const name of this.#live.filter((each) => this.#fresh.has(each))) {
      const folder = segmentFolder(this.log.attempt, this.#checkpoint, `0-0-${this.#number++}`)
      await this.storage.put(`${folder}0`, Buffer.from(name))
      this.#folders.set(name, folder)
      this.#fresh.delete(name)
    }
    return this.#live.map((name) => this.#folders.get(name)!)
  }

  async abort(): Promise<void> {
    if (this.#checkpoint - (this.log.state.checkpoints.at(-1)?.checkpoint ?? 0) < 8) await this.#store()
  }

  async checkpoint(kind: LoggedCheckpoint['kind'], deletes: boolean): Promise<void> {
    const segments = await this.#store()
    // After the one before: that takes its time.
    if (deletes) await this.log.deleteOld()
    await this.log.checkpoint({ ...checkpointOf(this.#checkpoint, this.log.attempt, segments), kind })
    if (deletes) await this.log.deleteOld()
  }

  /** An attempt that was believed dead goes on with what it was about. */
  async wake(number: number): Promise<void> {
    const zombie = this.zombies[number % Math.max(1, this.zombies.length)]
    if (!zombie) return
    await this.storage.put(
      `${segmentFolder(zombie.attempt, 'finished', `0-0-${this.#number++}`)}0`,
      Buffer.from('late'),
    )
    await zombie.deleteOld()
  }

  async assertWhole(): Promise<void> {
    const there = new Set(await this.stored())
    for (const { segments = [] } of this.log.state.checkpoints)
      for (const folder of segments) expect(there).toContain(folder)
  }

  async stored(): Promise<string[]> {
    return (await this.storage.list('')).flatMap((path) => segmentOf(path)?.folder ?? [])
  }
}

type Act = (life: Life) => Promise<void> | void
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Act>((life) => life.seal()) },
  {
    weight: 2,
    arbitrary: fc.nat(20).map(
      (from): Act =>
        (life) =>
          life.compact(from),
    ),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom('checkpoint' as const, 'checkpoint' as const, 'savepoint' as const), fc.boolean())
      .map(
        ([kind, deletes]): Act =>
          (life) =>
            life.checkpoint(kind, deletes),
      ),
  },
  { weight: 1, arbitrary: fc.constant<Act>((life) => life.abort()) },
  { weight: 1, arbitrary: fc.constant<Act>((life) => life.claim()) },
  {
    weight: 1,
    arbitrary: fc.nat(5).map(
      (number): Act =>
        (life) =>
          life.wake(number),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(5).map((number): Act => async (life) => {
      const { checkpoints } = life.log.state
      await life.claim(checkpoints[number % Math.max(1, checkpoints.length)]?.checkpoint)
    }),
  },
)

test('whatever a job lives through, kept checkpoints have their segments, and in the end nothing else is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
      const life = new Life()
      await life.claim()
      for (const each of acts) {
        await each(life)
        await life.assertWhole()
      }
      await life.claim()
      await life.log.deleteOld()
      await life.assertWhole()
      const named = new Set(life.log.state.checkpoints.flatMap(({ segments = [] }) => segments))
      expect(new Set(await life.stored())).toEqual(named)
    }),
    { numRuns: 300 },
  )
})

test('a savepoint keeps its segments when all checkpoints around it are gone', async () => {
  const life = new Life()
  await life.claim()
  for (let i = 0; i < 2; i++) {
    life.seal()
    await life.checkpoint('checkpoint', true)
  }
  await life.checkpoint('savepoint', true)
  const { segments } = life.log.state.checkpoints.at(-1)!
  for (let i = 0; i < 5; i++) {
    life.compact(0)
    await life.checkpoint('checkpoint', true)
  }
  expect(life.log.state.checkpoints.map(({ checkpoint }) => checkpoint)).toEqual([3, 7, 8])
  expect(segments).toHaveLength(2)
  expect(await life.stored()).toEqual(expect.arrayContaining(segments as string[]))
  expect(await life.stored()).toHaveLength(4)
})

test('what is not of checkpoints stays', async () => {
  const storage = memoryStorage()
  const strange = ['log/0000000001', 'checkpoints/other', 'checkpoints/segments/other', 'ingest/orders/1']
  for (const path of strange) await storage.put(path, Buffer.from('x'))
  await deleteGarbage(storage, { ...emptyLog, attempt: 9 })
  expect(await storage.list('')).toEqual(strange.toSorted())
})
