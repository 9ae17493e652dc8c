import { isLightflusError } from '@lightflus/api'
import type { PreparedOutput, SinkCommits } from '@lightflus/engine'
import fc from 'fast-check'
import { Crash, SimulatedProcess, SimulatedTransactions, type Stop } from '../../testing/simulated-transactions.ts'
import { transactionalIdOf } from '../transactions/transaction-cluster.ts'
import { OpenTransactions } from './open-transactions.ts'
import type { RecordOutput } from './staged-records.ts'
import { StagedTransactions } from './staged-transactions.ts'

/** What a job keeps where nothing is lost, and only the newest attempt writes. */
interface JobLog {
  attempt: number
  subtasksMax: number
  /** Used so far. */
  checkpoints: number
  /** Records that the newest checkpoint covers. */
  position: number
  prepared: readonly PreparedOutput[]
  isCommitted: boolean
}

interface Round {
  readonly records: number
  readonly exists: boolean
  /** Whether the job writes on while the checkpoint is committed. */
  readonly overlaps: boolean
}

interface Attempt {
  readonly parallelism: number
  readonly kind: 'open' | 'wal'
  readonly rounds: readonly Round[]
  /** Of its calls in turn. */
  readonly delays: readonly number[]
  readonly stop: { readonly atCall: number; readonly isAfter: boolean; readonly isZombie: boolean } | undefined
}

const round: fc.Arbitrary<Round> = fc.record({ records: fc.nat(5), exists: fc.boolean(), overlaps: fc.boolean() })
const attempt: fc.Arbitrary<Attempt> = fc.record({
  parallelism: fc.integer({ min: 1, max: 3 }),
  kind: fc.constantFrom('open', 'open', 'wal'),
  rounds: fc.array(round, { maxLength: 6 }),
  delays: fc.array(fc.oneof(fc.nat(2), fc.nat(40)), { minLength: 1, maxLength: 12 }),
  stop: fc.record({ atCall: fc.oneof(fc.nat(60), fc.nat(200)), isAfter: fc.boolean(), isZombie: fc.boolean() }),
})
const lastAttempt: Attempt = {
  parallelism: 2,
  kind: 'open',
  rounds: [
    { records: 3, exists: false, overlaps: false },
    { records: 3, exists: true, overlaps: false },
  ],
  delays: [1],
  stop: undefined,
}

interface Subtask {
  readonly commits: SinkCommits
  readonly output: RecordOutput
}

class Job {
  readonly cluster: SimulatedTransactions
  readonly log: JobLog = {
    attempt: 0,
    subtasksMax: 0,
    checkpoints: 0,
    position: 0,
    prepared: [],
    isCommitted: true,
  }

  constructor(protocol: 1 | 2) {
    this.cluster = new SimulatedTransactions(protocol)
  }

  /** @param onResumed called when all that former attempts left is settled */
  async run(plan: Attempt, stop: Stop | undefined, onResumed: () => void): Promise<void> {
    const { log } = this
    const mine = ++log.attempt
    const { parallelism, kind } = plan
    log.subtasksMax = Math.max(log.subtasksMax, parallelism)
    const process = new SimulatedProcess(this.cluster, stop, plan.delays)
    // One that stands still while it takes ids over, and wakes when another has done so, takes them from it.
    process.isArmed = stop?.wakes === undefined
    const restored = { ...log }
    const subtasks = Array.from({ length: parallelism }, (_, subtask): Subtask => {
      const producer = process.producer()
      const idOf = (subtask: number, slot: number) => transactionalIdOf('job', 'sink', subtask, slot)
      const options = { cluster: process, producer, attempt: mine, subtask, idOf }
      if (kind === 'open') return { commits: new OpenTransactions(options), output: producer }
      const staged = new StagedTransactions(options)
      return { commits: staged, output: staged }
    })
    const falls = (to: number) => (subtask: number) => subtask % parallelism === to
    await Promise.all(
      subtasks.map(({ commits }, index) =>
        commits.resume({
          prepared: restored.prepared.filter(({ subtask }) => falls(index)(subtask)),
          isCommitted: restored.isCommitted,
          subtasks: Array.from({ length: restored.subtasksMax }, (_, at) => at).filter(falls(index)),
        }),
      ),
    )
    onResumed()
    process.isArmed = true
    await this.#enter(process, mine, () => (log.isCommitted = true))
    let { position } = restored
    let committing: Promise<unknown> = Promise.resolve()
    for (const { records, exists, overlaps } of plan.rounds) {
      for (let count = 0; count < records; count++, position++)
        subtasks[position % parallelism]!.output.add(null, String(position), [], 0, undefined)
      const checkpoint = await this.#enter(process, mine, () => ++log.checkpoints)
      const prepared = await Promise.all(
        subtasks.map(async ({ commits }, subtask) => ({
          ...{ subtask, attempt: mine, checkpoint },
          output: await commits.prepare(checkpoint),
        })),
      )
      if (!exists) continue
      // There is no next one before what it follows is committed.
      await committing
      const covered = position
      await this.#enter(process, mine, () => {
        Object.assign(log, { position: covered, isCommitted: false })
        log.prepared = structuredClone(prepared.filter(({ output }) => output !== undefined))
      })
      committing = Promise.all(subtasks.map(({ commits }) => commits.commit(checkpoint))).then(() =>
        this.#enter(process, mine, () => (log.isCommitted = true)),
      )
      committing.catch(() => undefined)
      if (!overlaps) await committing
    }
    await committing
  }

  /** Only the newest attempt makes entries. */
  #enter<T>(process: SimulatedProcess, mine: number, effect: () => T): Promise<T> {
    return process.call(() => {
      if (this.log.attempt !== mine) throw new Crash()
      return effect()
    })
  }

  /** What readers must see. */
  get expected(): string[] {
    return Array.from({ length: this.log.position }, (_, at) => String(at))
  }

  get seen(): string[] {
    return this.cluster.committed.toSorted((a, b) => Number(a) - Number(b))
  }
}

const isEnd = (thrown: unknown) =>
  thrown instanceof Crash ||
  (isLightflusError(thrown) && ['LF_KAFKA_PRODUCER_FENCED', 'LF_KAFKA_TRANSACTION_ENDED'].includes(thrown.code))

async function runAll(
  job: Job,
  attempts: readonly Attempt[],
  onResumed: () => void,
  onBegin: () => void = () => undefined,
): Promise<void> {
  const zombies: Promise<unknown>[] = []
  const wakings: (() => void)[] = []
  for (const plan of attempts) {
    onBegin()
    const { stop } = plan
    const { promise: wakes, resolve: wake } = Promise.withResolvers<void>()
    const { promise: stopped, resolve: stop_ } = Promise.withResolvers<void>()
    const standsStill: PromiseLike<void> = {
      // Only asked when the process stands still.
      then: (resolved, rejected) => {
        stop_()
        return wakes.then(resolved, rejected)
      },
    }
    const isZombie = stop?.isZombie === true
    const running = job
      .run(plan, stop && { ...stop, ...(isZombie ? { wakes: standsStill as Promise<void> } : {}) }, () => {
        onResumed()
        // Those that were believed dead go on while this one does.
        for (const waking of wakings.splice(0)) waking()
      })
      .catch((thrown: unknown) => {
        if (!isEnd(thrown)) throw thrown
      })
    zombies.push(running)
    if (isZombie) wakings.push(wake)
    await (isZombie ? Promise.race([running, stopped]) : running)
  }
  for (const waking of wakings) waking()
  await Promise.all(zombies)
}

describe.each([1, 2] as const)('exactly once by protocol %i', (protocol) => {
  it('shows each record once, whatever attempts die of or when, and at whatever parallelism they go on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 6 }), async (attempts) => {
        const job = new Job(protocol)
        const killed = attempts.map((one) => ({ ...one, stop: one.stop && { ...one.stop, isZombie: false } }))
        await runAll(job, [...killed, lastAttempt], () => {
          expect(job.seen).toEqual(job.expected)
          // Nothing holds readers up.
          expect(job.cluster.open).toEqual([])
        })
        expect(job.seen).toEqual(job.expected)
      }),
      { numRuns: 500 },
    )
  }, 60_000)

  it('shows each record once where attempts that were believed dead go on beside the next ones', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 5 }), async (attempts) => {
        const job = new Job(protocol)
        await runAll(job, [...attempts, lastAttempt], () => undefined)
        await runAll(job, [lastAttempt], () => expect(job.cluster.open).toEqual([]))
        expect(job.seen).toEqual(job.expected)
      }),
      { numRuns: 500 },
    )
  }, 60_000)

  it('goes on where all was committed and the cluster has forgotten everything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 3 }), async (attempts) => {
        const job = new Job(protocol)
        await runAll(
          job,
          [...attempts.map((one) => ({ ...one, stop: undefined })), lastAttempt],
          () => undefined,
          () => job.cluster.forget(),
        )
        expect(job.seen).toEqual(job.expected)
      }),
      { numRuns: 100 },
    )
  })

  it('tells of what is lost where transactions outlast their time, and else loses nothing', async () => {
    let lost = 0
    await fc.assert(
      fc.asyncProperty(attempt, async (plan) => {
        const job = new Job(protocol)
        await runAll(job, [{ ...plan, stop: plan.stop && { ...plan.stop, isZombie: false } }], () => undefined)
        job.cluster.expire()
        const isLost = job.seen.length < job.expected.length
        const end = runAll(job, [lastAttempt], () => expect(job.seen).toEqual(job.expected))
        if (isLost && plan.kind === 'open') {
          lost++
          await expect(end).rejects.toEqual(expect.objectContaining({ code: 'LF_SINK_COMMIT_LOST' }))
        } else await end
      }),
      { numRuns: 500 },
    )
    expect(lost).toBeGreaterThan(0)
  }, 60_000)
})
