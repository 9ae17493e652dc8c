import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { folderStorage, readLog } from '@lightflus/storage'
import { until } from '@lightflus/testing/services'
import type { TallyJob } from './tally-job.ts'

const main = join(import.meta.dirname, '..', '..', '..', 'dist', 'main.js')

export interface RunOptions {
  readonly parallelism: number
  readonly checkpointIntervalMs: number
  /** What the command is started by, such as `ip netns exec NAME`. Default: nothing. */
  readonly prefix?: readonly string[]
}

export interface RunEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly said: string
}

/** A process of `lightflus run --state` of the job. */
export class RunProcess {
  readonly #child: ChildProcess
  readonly #job: TallyJob
  readonly ended: Promise<RunEnd>

  constructor(job: TallyJob, { parallelism, checkpointIntervalMs, prefix = [] }: RunOptions) {
    this.#job = job
    const [command, ...args] = [
      ...[...prefix, process.execPath, main, 'run', 'tally.ts', '--no-check', '--state', 'state'],
      ...['--checkpoint-interval', `${checkpointIntervalMs}ms`, '--parallelism', String(parallelism)],
    ]
    this.#child = spawn(command!, args, {
      cwd: job.folder,
      env: { PATH: process.env.PATH, HOME: job.folder, NO_COLOR: '1', ...job.environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const said = text(this.#child.stderr!)
    this.ended = once(this.#child, 'exit').then(async ([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      said: await said,
    }))
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Waits until the log of the job names a checkpoint so many above the newest of now; or until the process has ended. */
  async checkpoints(more: number): Promise<void> {
    const target = (await this.#newest()) + more
    const done = async () => this.hasEnded || (await this.#newest()) >= target
    await until(done, { what: `${more} checkpoints`, deadlineMs: 120_000, intervalMs: 20 })
  }

  async #newest(): Promise<number> {
    const { checkpoints } = await readLog(folderStorage(join(this.#job.folder, 'state')))
    return checkpoints.at(-1)?.checkpoint ?? 0
  }

  /** Ends it with a savepoint, as Ctrl-C does. @throws where it ends otherwise */
  async finish(): Promise<void> {
    this.signal('SIGINT')
    const end = await this.ended
    if (end.code !== 0) throw new Error(`The last process ended with ${end.code ?? end.signal}: ${end.said}`)
  }
}
