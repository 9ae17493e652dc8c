import type { ConnectorContext, SinkWriter } from '../connector.ts'
import type { FormerOutput, SinkCommits } from '../sink-commits.ts'

/**
 * `target`: output lies invisible in the target, as in Kafka's transactions. `checkpoint`: it is kept in the checkpoint, and
 * written together with a marker, as to a database.
 */
export type Staging = 'target' | 'checkpoint'

interface Transaction {
  readonly writer: string
  readonly attempt: number
  readonly rows: unknown[]
  state: 'open' | 'committed' | 'aborted'
}

export interface LedgerOptions {
  readonly staging: Staging
  /** Called at each step of a writer; what it throws stops that step. */
  readonly onStep: (step: string) => void
  /** What a call waits for. */
  readonly delay: () => Promise<void>
}

/**
 * A target that sinks write to exactly once, and that outlives attempts. It lets nobody write who has been fenced, and
 * knows each row that became visible: so what is lost or doubled shows.
 */
export class Ledger {
  readonly visible: unknown[] = []
  readonly transactions: Transaction[] = []
  readonly #fences = new Map<string, number>()
  /** For each writer the newest checkpoint whose rows it has applied. */
  readonly #markers = new Map<string, number>()

  /** From now on no older attempt writes as this writer. */
  fence(writer: string, attempt: number): void {
    this.assertMay(writer, attempt)
    this.#fences.set(writer, attempt)
  }

  assertMay(writer: string, attempt: number): void {
    if (attempt < (this.#fences.get(writer) ?? 0)) throw new Error(`${writer} of attempt ${attempt} is fenced`)
  }

  begin(writer: string, attempt: number): number {
    this.assertMay(writer, attempt)
    return this.transactions.push({ writer, attempt, rows: [], state: 'open' }) - 1
  }

  commit(id: number): void {
    const transaction = this.transactions[id]
    if (transaction.state === 'aborted') throw new Error(`transaction ${id} of ${transaction.writer} is gone`)
    if (transaction.state === 'open') this.visible.push(...transaction.rows)
    transaction.state = 'committed'
  }

  abortOpen(writer: string): void {
    for (const each of this.transactions) if (each.writer === writer && each.state === 'open') each.state = 'aborted'
  }

  apply(writer: string, checkpoint: number, rows: readonly unknown[]): void {
    if (checkpoint <= (this.#markers.get(writer) ?? 0)) return
    this.#markers.set(writer, checkpoint)
    this.visible.push(...rows)
  }
}

/** Writes values to the ledger in two phases. */
export function ledgerWriter(context: ConnectorContext<'sink'>, ledger: Ledger, options: LedgerOptions): SinkWriter {
  const { attempt } = context.checkpoints!
  const { operator, subtask } = context
  const { staging, onStep, delay } = options
  const nameOf = (index: number) => `${operator.node.id}/${index}`
  const own = nameOf(subtask.index)
  let written = 0
  /** What was written since the latest `prepare`: of a transaction, its id. */
  let rows: unknown[] = []
  let open: number | undefined
  /** What was prepared and no commit has taken: ids, or rows. */
  let joined: unknown[] = []
  let isCommitting = false
  let isClosed = false

  async function step(name: string): Promise<void> {
    if (isClosed) throw new Error('the writer was closed before all was committed')
    await delay()
    if (context.signal.aborted) throw new Error('the attempt is over')
    onStep(name)
  }

  const commits: SinkCommits = {
    async resume({ prepared, isCommitted, subtasks }: FormerOutput) {
      await step('resume')
      for (const index of subtasks) ledger.fence(nameOf(index), attempt)
      await step('resume: fenced')
      for (const { subtask: index, checkpoint, output } of isCommitted ? [] : prepared) {
        if (!subtasks.includes(index)) throw new Error(`subtask ${index} is not one of ${subtasks.join()}`)
        const staged = output as unknown[]
        if (staging === 'checkpoint') ledger.apply(nameOf(index), checkpoint, staged)
        else for (const id of staged) ledger.commit(id as number)
        await step('resume: committed one')
      }
      for (const index of subtasks) ledger.abortOpen(nameOf(index))
      await step('resumed')
    },
    async prepare() {
      await step('prepare')
      if (open !== undefined) joined.push(open)
      joined.push(...rows)
      open = undefined
      rows = []
      await step('prepared')
      return joined.length === 0 ? undefined : [...joined]
    },
    async commit(checkpoint) {
      if (isCommitting) throw new Error('two commits overlap')
      isCommitting = true
      const taken = joined
      joined = []
      await step('commit')
      ledger.assertMay(own, attempt)
      if (staging === 'checkpoint') ledger.apply(own, checkpoint, taken)
      else
        for (const id of taken) {
          ledger.commit(id as number)
          await step('commit: one of several')
        }
      await step('committed')
      isCommitting = false
    },
  }

  return {
    commits,
    open: () => Promise.resolve(),
    write(values) {
      written += values.length
      if (staging === 'checkpoint') rows.push(...values.map((value) => structuredClone(value)))
      else {
        ledger.assertMay(own, attempt)
        open ??= ledger.begin(own, attempt)
        ledger.transactions[open].rows.push(...values.map((value) => structuredClone(value)))
      }
    },
    flush: () => Promise.reject(new Error('a writer that commits is not flushed')),
    bytesWritten: () => written,
    close() {
      isClosed = true
      return Promise.resolve()
    },
  }
}
