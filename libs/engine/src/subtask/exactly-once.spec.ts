import { job, type Flow, type JobDefinition } from '@lightflus/api'
import fc from 'fast-check'
import { Ledger, ledgerWriter, type Staging } from '../testing/ledger.ts'
import { createListConnector, type ListData, type ListWorld } from '../testing/list-connector.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import { crashed, LocalAttempt, type JobLog } from '../testing/local-attempt.ts'

const partitions = 3
const rowsEach = 16
const numbers: ListData = Object.fromEntries(
  Array.from({ length: partitions }, (_, partition) => [
    `p${partition}`,
    // Partitions of different lengths, so that subtasks finish one after another.
    Array.from({ length: rowsEach * (partition + 1) }, (_, index) => ({
      payload: partition * 1_000 + index,
      timestamp: index,
    })),
  ]),
)
const expected = Object.values(numbers)
  .flatMap((items) => items.map(({ payload }) => payload as number))
  .sort((a, b) => a - b)

/** A sink behind an exchange, and one in the chain of the source. */
const job1 = job('twice', (flow: Flow) => {
  const all = flow.source(listSource<number>(), { name: 'numbers' })
  all.sinkTo(listSink(), { name: 'near' })
  all
    .keyBy((n) => n % 7)
    .process({ state: {}, onRecord: (n: number) => [n] }, { name: 'same' })
    .sinkTo(listSink(), { name: 'far' })
})

type Request = 'tick' | 'expire' | 'suspend' | 'stop' | 'drain'

/** One attempt: it crashes at that step; requests come at polls. */
interface Plan {
  readonly parallelism: number
  readonly crashAt: number
  readonly requests: readonly { readonly atPoll: number; readonly what: Request }[]
  /** Before the next attempt resumes, or while it runs, the one that crashed goes on writing and committing. */
  readonly zombie: boolean
}

interface Run {
  readonly staging: Staging
  readonly attempts: readonly Plan[]
  readonly delays: readonly number[]
}

const quiet: Plan = { parallelism: 2, crashAt: Infinity, requests: [], zombie: false }

class Play {
  readonly ledger = new Ledger()
  readonly log: JobLog = { checkpoints: [], committedTo: 0, subtasksMax: 0, usedTo: 0 }
  readonly steps: string[] = []
  readonly #run: Run
  readonly #job: JobDefinition
  #delay = 0
  #number = 0

  constructor(job: JobDefinition, run: Run) {
    this.#job = job
    this.#run = run
  }

  /** Attempt after attempt; those that are asked to pause are resumed; the last one is left alone. */
  async toEnd(): Promise<readonly string[]> {
    const endings: string[] = []
    for (const plan of this.#run.attempts) {
      endings.push(await this.#attempt(plan))
      if (endings.at(-1) === 'FINISHED') return endings
    }
    while (endings.at(-1) !== 'FINISHED') {
      expect(endings.length).toBeLessThan(20)
      endings.push(await this.#attempt(quiet))
    }
    return endings
  }

  async #attempt(plan: Plan): Promise<string> {
    this.#number++
    const restore = this.log.checkpoints.at(-1)
    // What lost attempts have used is unknown to the log, which leaves numbers out.
    this.log.usedTo += 10
    let polls = 0
    let steps = 0
    const world: ListWorld = {
      sources: { numbers },
      collected: [],
      cut: () => 3,
      onPoll: () => {
        polls++
        for (const { atPoll, what } of plan.requests) if (atPoll === polls) ask(attempt, what)
      },
    }
    const onStep = (name: string) => {
      this.steps.push(`${this.#number} ${name}`)
      if (++steps < plan.crashAt) return
      attempt.crash()
      throw crashed
    }
    const lists = createListConnector(world)
    const attempt: LocalAttempt = new LocalAttempt({
      job: this.#job,
      world,
      parallelism: plan.parallelism,
      attempt: this.#number,
      jobLog: this.log,
      ...(restore && { restore }),
      onStep,
      connector: {
        ...lists,
        createSink: (context) =>
          ledgerWriter(context, this.ledger, { staging: this.#run.staging, onStep, delay: () => this.#pause() }),
      },
    })
    const ending = await endingOf(attempt)
    if (ending === 'CRASHED' && plan.zombie) this.#wakeZombie(this.#number, plan.parallelism)
    return ending
  }

  /** What a process that was believed dead may still do in the target, since nobody there knows of the next attempt. */
  #wakeZombie(attempt: number, parallelism: number): void {
    const newest = this.log.checkpoints.at(-1)
    for (const sink of ['near', 'far'])
      for (let index = 0; index < parallelism; index++) this.ledger.begin(`${sink}/${index}`, attempt)
    if (newest?.manifest.attempt !== attempt || this.#run.staging !== 'target') return
    for (const { kind, subtask } of newest.snapshots.flatMap(({ operators }) => operators))
      if (kind === 'sink') for (const id of (subtask as { output: number[] }).output) this.ledger.commit(id)
  }

  async #pause(): Promise<void> {
    const { delays } = this.#run
    for (let turns = delays[this.#delay++ % delays.length]; turns > 0; turns--) await Promise.resolve()
  }
}

/** An attempt whose savepoint expires fails, which is one more way to crash. */
async function endingOf(attempt: LocalAttempt): Promise<string> {
  try {
    return (await attempt.run()).ending
  } catch (thrown) {
    if ((thrown as Error).message !== 'The attempt failed: EXPIRED') throw thrown
    return 'CRASHED'
  }
}

function ask(attempt: LocalAttempt, what: Request): void {
  if (what === 'tick') attempt.tell({ type: 'intervalElapsed' })
  else if (what === 'drain') attempt.tell({ type: 'drainRequested' })
  else if (what !== 'expire')
    attempt.tell({ type: 'savepointRequested', then: what === 'stop' ? 'STOPPED' : 'SUSPENDED' })
  else if (attempt.pending !== undefined) attempt.tell({ type: 'expired', checkpoint: attempt.pending })
}

const visible = ({ ledger }: Play) => (ledger.visible as number[]).toSorted((a, b) => a - b)
const twice = expected.flatMap((n) => [n, n])

const request = fc.record({
  atPoll: fc.integer({ min: 1, max: 60 }),
  what: fc.constantFrom<Request>('tick', 'tick', 'tick', 'tick', 'expire', 'suspend', 'stop'),
})
const plan = fc.record({
  parallelism: fc.integer({ min: 1, max: 4 }),
  crashAt: fc.oneof(fc.integer({ min: 1, max: 250 }), fc.constant(Infinity)),
  requests: fc.array(request, { minLength: 2, maxLength: 16 }),
  zombie: fc.boolean(),
})
const run = fc.record({
  staging: fc.constantFrom<Staging>('target', 'checkpoint'),
  attempts: fc.array(plan, { minLength: 1, maxLength: 5 }),
  delays: fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }),
})

test('a job that nothing interrupts writes every row once', async () => {
  for (const staging of ['target', 'checkpoint'] as const) {
    const requests = [4, 8, 12, 16, 20].map((atPoll) => ({ atPoll, what: 'tick' as const }))
    const play = new Play(job1, { staging, attempts: [{ ...quiet, requests }], delays: [3] })
    expect(await play.toEnd()).toEqual(['FINISHED'])
    expect(visible(play)).toEqual(twice)
    expect(play.log.committedTo).toBe(play.log.checkpoints.at(-1)!.manifest.checkpoint)
  }
})

test.each(['target', 'checkpoint'] as const)('a crash at any step loses and doubles nothing (%s)', async (staging) => {
  // Goal: every step of two checkpoints and of the end, one by one, at parallelisms that change.
  const requests = [
    { atPoll: 6, what: 'tick' as const },
    { atPoll: 10, what: 'expire' as const },
    { atPoll: 12, what: 'tick' as const },
  ]
  let crashes = 0
  for (let crashAt = 1; ; crashAt++) {
    const first = { parallelism: 3, crashAt, requests, zombie: crashAt % 2 === 0 }
    const play = new Play(job1, { staging, attempts: [first, { ...quiet, parallelism: 2 }], delays: [3, 0, 7] })
    const endings = await play.toEnd()
    expect(visible(play)).toEqual(twice)
    if (endings[0] === 'FINISHED') break
    crashes++
  }
  expect(crashes).toBeGreaterThan(60)
})

test('whatever happens, every row is there once in the end', async () => {
  await fc.assert(
    fc.asyncProperty(run, async (run) => {
      const play = new Play(job1, run)
      await play.toEnd()
      expect(visible(play)).toEqual(twice)
    }),
    { numRuns: 200 },
  )
})

test('a drain or a stop that crashes before it has committed is ended by the next attempt, which reads nothing', async () => {
  for (const what of ['stop', 'drain', 'suspend'] as const) {
    const requests = [
      { atPoll: 3, what: 'tick' as const },
      { atPoll: 9, what },
    ]
    const clean = new Play(job1, { staging: 'target', attempts: [], delays: [2] })
    await expect(clean.toEnd()).resolves.toEqual(['FINISHED'])
    let ended = 0
    for (let crashAt = 60; crashAt < 200; crashAt++) {
      const attempts = [{ parallelism: 2, crashAt, requests, zombie: false }, quiet]
      const play = new Play(job1, { staging: 'target', attempts, delays: [2] })
      const [first, second] = await play.toEnd()
      if (first !== 'CRASHED') break
      const { ending } = play.log.checkpoints.at(-1)!.manifest
      if (second !== 'FINISHED') {
        ended++
        expect(second).toBe({ stop: 'STOPPED', drain: 'DRAINED', suspend: 'SUSPENDED' }[what])
        expect(ending).toBeDefined()
      }
      if (what !== 'drain') expect(visible(play)).toEqual(twice)
    }
    expect(ended).toBeGreaterThan(3)
  }
})
