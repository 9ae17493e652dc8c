import type { JobDefinition } from '@lightflus/api'
import type { CollectedRow, ListData } from './list-connector.ts'
import { LocalAttempt, type AttemptResult, type StoredCheckpoint } from './local-attempt.ts'

/** One way to run a job to its end. What it writes must not depend on it. */
export interface JobRun {
  readonly parallelism: number
  /** Sizes of the batches that sources read, over and over. */
  readonly cuts: readonly number[]
  /** Interruptions, one attempt each, before the attempt that runs to the end. */
  readonly interruptions: readonly Interruption[]
  /** Every how manyth write of a sink holds it back; 0: none. */
  readonly slowWriteEvery: number
}

export interface Interruption {
  /** `suspend`: a savepoint at that poll. `crash`: a checkpoint at that poll, and the end of everything later. */
  readonly how: 'suspend' | 'crash'
  /** Counted over all readers of the attempt. */
  readonly atPoll: number
  readonly parallelismAfter: number
}

export const plainRun: JobRun = { parallelism: 1, cuts: [1_000], interruptions: [], slowWriteEvery: 0 }

export interface RunResult {
  /** As if every row had been written exactly once: what a crash made repeat is taken out. */
  readonly rows: readonly CollectedRow[]
  readonly last: AttemptResult
}

/** Polls between the checkpoint of a `crash` and the crash. */
const pollsBeforeCrash = 3

/** Runs a job over lists, to the end of its input, in the way that is asked for. */
export async function runJob(
  job: JobDefinition,
  sources: Readonly<Record<string, ListData>>,
  run: JobRun = plainRun,
): Promise<RunResult> {
  let parallelism = run.parallelism
  let restore: StoredCheckpoint | undefined
  const rows: CollectedRow[] = []
  for (let attempt = 1; ; attempt++) {
    const interruption = run.interruptions[attempt - 1]
    const collected: CollectedRow[] = []
    const local = new LocalAttempt({
      job,
      world: { sources, collected, ...pace(run), onPoll: onPoll(interruption, () => local) },
      parallelism,
      attempt,
      ...(restore && { restore }),
    })
    const result = await local.run()
    if (result.ending === 'CRASHED') rows.push(...collected.filter(({ epoch }) => epoch < result.checkpoints.length))
    else rows.push(...collected)
    if (interruption === undefined || result.ending === 'FINISHED') return { rows, last: result }
    restore = result.checkpoints.at(-1) ?? restore
    parallelism = interruption.parallelismAfter
  }
}

function pace({ cuts, slowWriteEvery }: JobRun) {
  let cut = 0
  let write = 0
  return {
    cut: (recordsMax: number) => Math.min(recordsMax, cuts[cut++ % cuts.length]),
    sinkDelay: () => (slowWriteEvery > 0 && ++write % slowWriteEvery === 0 ? aWhile() : undefined),
  }
}

/** Long enough for everything else to go on as far as it can. */
async function aWhile(): Promise<void> {
  for (let turns = 0; turns < 50; turns++) await Promise.resolve()
}

function onPoll(interruption: Interruption | undefined, attempt: () => LocalAttempt): () => void {
  let polls = 0
  return () => {
    polls++
    if (interruption === undefined) return
    const { how, atPoll } = interruption
    if (polls === atPoll)
      attempt().tell(
        how === 'suspend' ? { type: 'savepointRequested', then: 'SUSPENDED' } : { type: 'intervalElapsed' },
      )
    if (how === 'crash' && polls === atPoll + pollsBeforeCrash) attempt().crash()
  }
}
