import { setTimeout as pause } from 'node:timers/promises'
import { RunProcess, type RunEnd } from './run-process.ts'
import type { TallyJob } from './tally-job.ts'
import type { Verdict } from './verdict.ts'

export interface KillsOptions {
  /** How many processes are killed, or stand still and wake later. */
  readonly rounds: number
  /** Of the moments, parallelisms and kinds of faults. What a process had just done at that moment differs all the same. */
  readonly seed: number
  readonly onRound?: (round: number) => void
}

export interface KillsReport {
  readonly kills: number
  /** Processes that stood still while another took over, and were woken. */
  readonly zombies: number
  /** Of those that were killed how long it took, from the kill on, until a record came out of the next, ms; in order. */
  readonly recoveriesMs: readonly number[]
  readonly records: number
  readonly verdict: Verdict
}

const checkpointIntervalMs = 100
/** Most time between a process's start, or a checkpoint of its, and its end, milliseconds. */
const afterStartMs = 1_500
const afterCheckpointMs = 300
/** From here on, where nothing else was to be known of it, a woken process counts as one that does not end. */
const zombieMsMax = 120_000

/** Numbers from 0 up to 1 that are the same for a seed. */
function* randomNumbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    // mulberry32: one draw tells nothing of the next.
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Kills the process of a job, or lets it stand still, again and again while records come in; each time another goes on, often
 * with other slots. In the end everything that came in has come out.
 * @throws where a process ends otherwise than by our hand, or one that stood still does not end when it wakes
 */
export async function killAgainAndAgain(job: TallyJob, { rounds, seed, onRound }: KillsOptions): Promise<KillsReport> {
  const numbers = randomNumbers(seed)
  const below = (bound: number) => Math.floor(numbers.next().value * bound)
  const started: RunProcess[] = []
  const start = () => {
    const next = new RunProcess(job, { parallelism: 1 + below(3), checkpointIntervalMs })
    started.push(next)
    return next
  }
  const recoveriesMs: number[] = []
  const zombies: Zombie[] = []
  const endFeeding = job.keepFeeding()
  try {
    let process = start()
    for (let round = 1; round <= rounds; round++) {
      const checkpoints = below(4)
      if (checkpoints > 0) await process.checkpoints(checkpoints)
      zombies.filter(({ isAwake }) => !isAwake).forEach((zombie) => zombie.wake())
      // The moment is the fault's own: nothing is waited for.
      await pause(below(checkpoints > 0 ? afterCheckpointMs : afterStartMs))
      if (process.hasEnded) throw unasked(await process.ended)
      // One that has not yet claimed the job would take it back when it wakes, and may.
      const isZombie = checkpoints > 0 && below(5) === 0
      const last = process
      const takeOver = () => {
        if (isZombie) zombies.push(new Zombie(last))
        else last.signal('SIGKILL')
        process = start()
      }
      // Half of them may go on until a record is out; the others are followed by the next fault as it comes.
      if (!isZombie && below(2) === 0) recoveriesMs.push(await job.flowsAfter(takeOver))
      else takeOver()
      onRound?.(round)
    }
    zombies.forEach((zombie) => zombie.wake())
    await endFeeding()
    await job.complete()
    await process.finish()
    for (const zombie of zombies) await zombie.hasGivenUp()
  } finally {
    await endFeeding()
    started.filter(({ hasEnded }) => !hasEnded).forEach((each) => each.signal('SIGKILL'))
  }
  return {
    kills: rounds - zombies.length,
    zombies: zombies.length,
    recoveriesMs: recoveriesMs.sort((a, b) => a - b),
    records: job.records,
    verdict: await job.verdict(),
  }
}

/** A process that stands still in the middle of its work. */
class Zombie {
  readonly #process: RunProcess
  isAwake = false

  constructor(process: RunProcess) {
    this.#process = process
    process.signal('SIGSTOP')
  }

  wake(): void {
    this.isAwake = true
    this.#process.signal('SIGCONT')
  }

  /** @throws where it has not ended by itself, with an error */
  async hasGivenUp(): Promise<void> {
    const late = pause(zombieMsMax, undefined, { ref: false })
    const end = await Promise.race([this.#process.ended, late])
    if (!end) this.#process.signal('SIGKILL')
    if (!end || end.code === 0) throw new Error(`A process that was superseded goes on as if it were not: ${end?.said}`)
  }
}

function unasked({ code, signal, said }: RunEnd): Error {
  return new Error(`A process ended by itself (${code ?? signal}): ${said}`)
}
