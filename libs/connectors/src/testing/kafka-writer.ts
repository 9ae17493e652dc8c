import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { readCommitted, temporaryFolder, uniqueName } from '@lightflus/testing/services'
import type { KafkaTools } from './kafka-tools.ts'
import type { StopPoint, WriterPlan } from './kafka-writer-plan.ts'

const program = join(import.meta.dirname, 'kafka-writer-program.ts')

export interface WriterEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly errors: string
}

/** A writer's process that runs, or stands still. */
export interface WriterProcess {
  /** Settles when it has said that it stops. */
  readonly stopping: Promise<void>
  readonly ended: Promise<WriterEnd>
  wake(): void
}

export interface AttemptPlan {
  readonly parallelism?: number
  readonly stop?: StopPoint
}

/** A job whose every attempt is a process; each goes a little further than the one before. */
export class WriterJob {
  readonly #tools: KafkaTools
  readonly #folder = temporaryFolder('kafka-writer')
  readonly #options: Pick<WriterPlan, 'protocol' | 'transactions'>
  readonly #lineage = uniqueName('lineage')
  readonly #partitions = 3
  #topic = ''
  #records = 0

  constructor(tools: KafkaTools, options: Pick<WriterPlan, 'protocol' | 'transactions'>) {
    this.#tools = tools
    this.#options = options
  }

  async start({ parallelism = 2, stop }: AttemptPlan = {}): Promise<WriterProcess> {
    if (this.#topic === '') {
      mkdirSync(join(this.#folder.path, 'log'))
      // Its records are of 1970, which a broker that looks for old ones would delete in mid-test.
      this.#topic = await this.#tools.topic(this.#partitions, { 'retention.ms': '-1' })
    }
    this.#records += 100
    const plan: WriterPlan = {
      ...this.#options,
      bootstrap: this.#tools.bootstrap,
      topic: this.#topic,
      partitions: this.#partitions,
      folder: join(this.#folder.path, 'log'),
      lineage: this.#lineage,
      parallelism,
      recordsTotal: this.#records,
      ...(stop && { stop }),
    }
    const process_ = spawn(process.execPath, ['-C', '@lf/source', program, JSON.stringify(plan)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const errors: Buffer[] = []
    process_.stderr.on('data', (bytes: Buffer) => void errors.push(bytes))
    const stopping = new Promise<void>((resolve) => void process_.stdout.once('data', () => resolve()))
    const ended = new Promise<WriterEnd>((resolve) => {
      process_.once('close', (code, signal) =>
        resolve({ code, signal, errors: Buffer.concat(errors).toString().slice(0, 2_000) }),
      )
    })
    return { stopping, ended, wake: () => void process_.kill('SIGCONT') }
  }

  async run(plan: AttemptPlan = {}): Promise<WriterEnd> {
    return (await this.start(plan)).ended
  }

  /** What readers of committed data see. Several subtasks write to a partition: what they write has no order. */
  async read(): Promise<number[][]> {
    const read = await readCommitted(this.#tools.bootstrap, this.#topic, this.#partitions)
    return read.map((values) => values.map(Number).sort((a, b) => a - b))
  }

  /** What they must see once an attempt has come to its end. */
  get expected(): number[][] {
    const numbers = Array.from({ length: this.#records }, (_, at) => at)
    return Array.from({ length: this.#partitions }, (_, partition) =>
      numbers.filter((number) => number % this.#partitions === partition),
    )
  }

  remove(): Promise<void> {
    return this.#folder.remove()
  }
}
