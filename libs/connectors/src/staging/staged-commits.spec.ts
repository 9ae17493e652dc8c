import type { SinkWriter } from '@lightflus/engine'
import fc from 'fast-check'
import { MemoryLog, runAttempt } from '../testing/commit-job.ts'
import { MemoryTarget, SharedTarget } from '../testing/memory-target.ts'
import { sinkContext } from '../testing/test-context.ts'
import { StagedCommits } from './staged-commits.ts'

const recordsTotal = 60
const checkpoints = { lineage: 'l', attempt: 1, isDurable: true, intervalMs: 1_000, timeoutMs: 1_000 }

const commitsOnto = (target: MemoryTarget, subtask = 0, { bytesMax = 1_000_000, intervalMs = 1_000 } = {}) =>
  new StagedCommits({
    context: sinkContext({ options: {}, subtask: { index: subtask, parallelism: 1 } }),
    checkpoints: { ...checkpoints, intervalMs },
    ...{ target, head: () => null, bytesMax },
  })

/** A sink of texts. */
function writerOnto(target: MemoryTarget, subtask: number): SinkWriter {
  const commits = commitsOnto(target, subtask)
  return {
    commits,
    open: () => Promise.resolve(),
    write: (values) => {
      for (const value of values) commits.add([String(value)])
      return commits.ready()
    },
    flush: () => Promise.resolve(),
    bytesWritten: () => 0,
    close: () => Promise.resolve(),
  }
}

/** How an attempt ends: with its `calls`-th call of the target. It may also only be believed dead, and wake up later. */
const attempts = fc.array(
  fc.record({
    parallelism: fc.integer({ min: 1, max: 3 }),
    calls: fc.nat(12),
    end: fc.constantFrom('before', 'after', 'sleeps' as const),
    aborted: fc.nat(3),
  }),
  { maxLength: 6 },
)

describe('output that is staged in checkpoints', () => {
  it('is in the target once, wherever attempts die or sleep, and at whatever parallelism they go on', async () => {
    await fc.assert(
      fc.asyncProperty(attempts, fc.integer({ min: 1, max: 25 }), async (given, recordsPerCheckpoint) => {
        const shared = new SharedTarget()
        const log = new MemoryLog()
        const sleepers: { readonly wake: () => void; readonly ended: Promise<unknown> }[] = []
        const run = (parallelism: number, death?: () => 'before' | 'after' | Promise<void> | undefined, aborted = 0) =>
          runAttempt({
            ...{ log, parallelism, recordsTotal, recordsPerCheckpoint, recordOf: String },
            createWriter: (subtask, { attempt }) => writerOnto(new MemoryTarget(shared, attempt, death), subtask),
            isAborted: (checkpoint) => aborted > 0 && checkpoint % (aborted + 1) !== 0,
          })
        for (const { parallelism, calls, end, aborted } of given) {
          let left = calls
          const asleep = Promise.withResolvers<void>()
          const awake = Promise.withResolvers<void>()
          const attempt = run(
            parallelism,
            () => {
              if (left-- !== 0) return undefined
              if (end !== 'sleeps') return end
              asleep.resolve()
              return awake.promise
            },
            aborted,
          ).catch((thrown: unknown) => thrown)
          await Promise.race([attempt, asleep.promise])
          sleepers.push({ wake: awake.resolve, ended: attempt })
        }
        // They wake while the last one runs.
        for (const { wake } of sleepers) wake()
        // One that wakes may take an entry of the log before it.
        let last: unknown
        for (let tries = 0; tries === 0 || (last !== undefined && tries < 20); tries++)
          last = await run(2).catch((thrown: unknown) => thrown)
        expect(last).toBeUndefined()
        await Promise.all(sleepers.map(({ ended }) => ended))
        const expected = Array.from({ length: recordsTotal }, (_, index) => index)
        expect(shared.texts.map(Number).sort((a, b) => a - b)).toEqual(expected)
      }),
      { numRuns: 400 },
    )
  })

  it('that aborted checkpoints held is in the next one, and in order', async () => {
    const shared = new SharedTarget()
    const commits = commitsOnto(new MemoryTarget(shared, 1))
    await commits.resume({ prepared: [], isCommitted: false, subtasks: [0] })
    expect(await commits.prepare(1)).toBeUndefined()
    commits.add(['a'])
    await commits.prepare(2)
    commits.add(['b'])
    expect(await commits.prepare(3)).toMatchObject({ committed: 0, segments: [{ checkpoint: 2 }, { checkpoint: 3 }] })
    commits.add(['c'])
    await commits.commit(3)
    expect(shared.texts).toEqual(['a', 'b'])
    expect(await commits.prepare(4)).toMatchObject({ committed: 3, segments: [{ checkpoint: 4, count: 1 }] })
    await commits.commit(4)
    await commits.commit(5)
    expect(shared.texts).toEqual(['a', 'b', 'c'])
    expect(await commits.prepare(6)).toEqual({ committed: 4, segments: [] })
  })

  it('that a checkpoint holds beside what was committed meanwhile is written alone', async () => {
    const shared = new SharedTarget()
    const first = commitsOnto(new MemoryTarget(shared, 1))
    await first.resume({ prepared: [], isCommitted: false, subtasks: [0] })
    first.add(['a'])
    await first.prepare(1)
    first.add(['b'])
    const output = await first.prepare(2)
    await first.commit(1)
    const second = commitsOnto(new MemoryTarget(shared, 2))
    const prepared = [{ subtask: 0, attempt: 1, checkpoint: 2, output }]
    await second.resume({ prepared, isCommitted: false, subtasks: [0] })
    expect(shared.texts).toEqual(['a', 'b'])
  })

  it('is lost, and said to be, where the target is older than what was committed', async () => {
    const commits = commitsOnto(new MemoryTarget(new SharedTarget(), 1))
    const bytes = new Uint8Array()
    const prepared = (committed: number, isCommitted: boolean) => ({
      prepared: [
        ...[{ subtask: 0, attempt: 1, checkpoint: 8 }].map((place) => ({
          ...place,
          output: { committed, segments: [{ checkpoint: 8, head: null, count: 1, bytes }] },
        })),
      ],
      ...{ isCommitted, subtasks: [0] },
    })
    const lost = expect.objectContaining({ code: 'LF_SINK_COMMIT_LOST' }) as unknown
    await expect(commits.resume(prepared(7, false))).rejects.toEqual(lost)
    await expect(commits.resume(prepared(0, true))).rejects.toEqual(lost)
    await commits.resume(prepared(0, false))
  })

  it('holds the caller back when half the room is taken, until a commit frees it', async () => {
    const commits = commitsOnto(new MemoryTarget(new SharedTarget(), 1), 0, { bytesMax: 1_000, intervalMs: 1e9 })
    await commits.resume({ prepared: [], isCommitted: false, subtasks: [0] })
    commits.add(['x'.repeat(450)])
    expect(commits.ready()).toBeUndefined()
    commits.add(['x'.repeat(100)])
    const held = commits.ready()
    expect(held).toBeInstanceOf(Promise)
    await commits.prepare(1)
    await commits.commit(1)
    await held
    commits.add(['x'.repeat(100)])
    expect(commits.ready()).toBeUndefined()
  })

  it('that is more than there is room for ends the attempt with what to do', () => {
    const commits = commitsOnto(new MemoryTarget(new SharedTarget(), 1), 0, { bytesMax: 1_000 })
    commits.add(['x'.repeat(1_100)])
    expect(() => commits.ready()).toThrow(expect.objectContaining({ code: 'LF_SINK_STAGE_FULL' }))
  })
})
