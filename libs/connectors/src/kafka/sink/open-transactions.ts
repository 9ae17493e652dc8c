import type { FormerOutput, SinkCommits } from '@lightflus/engine'
import { LightflusError } from '@lightflus/api'
import {
  transactionsMax,
  type MarkedTransactions,
  type TransactionCluster,
} from '../transactions/transaction-cluster.ts'
import type { PreparedKafkaOutput, PreparedTransaction, StagedChunk } from './prepared-output.ts'
import { settleFormer } from './settle-former.ts'
import type { OpenTransaction } from './topic-producer.ts'
import { writeChunks, type RecordOutput } from './staged-records.ts'

/** What exactly once needs of a producer. */
export interface TransactionalProducer extends RecordOutput {
  begin(transaction: OpenTransaction): void
  flush(): Promise<void>
  readonly bytesAdded: number
}

export interface OpenTransactionsOptions {
  readonly cluster: TransactionCluster
  readonly producer: TransactionalProducer
  readonly attempt: number
  readonly subtask: number
  readonly idOf: (subtask: number, slot: number) => string
}

/** How many are taken over at the start: one is written while the one before is committed. */
const transactionsMin = 2

/**
 * Writes exactly once by a transaction for each checkpoint: records are produced into it as they come, and it is ended once
 * the checkpoint exists. What comes after a barrier goes into the next one, under another transactional id, so that
 * nothing waits for a commit.
 *
 * A transaction of which it is not known that it was committed is in every checkpoint, however many came to nothing
 * since. Its id is used again only after its end, when no repetition of that can reach the next one any more.
 */
export class OpenTransactions implements SinkCommits {
  readonly #options: OpenTransactionsOptions
  /** Those that nothing is written in. */
  readonly #free: MarkedTransactions[] = []
  /** Of the ids, how many were used: those below. */
  #slots = 0
  #current: MarkedTransactions | undefined
  #bytesBefore = 0
  #isPreparing = false
  #prepared: (PreparedTransaction & { readonly transactions: MarkedTransactions })[] = []

  constructor(options: OpenTransactionsOptions) {
    this.#options = options
  }

  async resume(former: FormerOutput): Promise<void> {
    const { cluster, idOf, subtask, producer } = this.#options
    const write = (transactions: MarkedTransactions, chunks: readonly StagedChunk[]) =>
      writeChunks(producer, transactions, chunks)
    const taken = await settleFormer({ cluster, idOf, former, write })
    const ids = Array.from({ length: transactionsMax }, (_, slot) => idOf(subtask, slot))
    this.#slots = Math.max(transactionsMin, ids.findLastIndex((id) => taken.has(id)) + 1)
    for (const id of ids.slice(0, this.#slots)) this.#free.push(taken.get(id) ?? (await cluster.take(id)))
    await this.#begin()
  }

  async #begin(): Promise<void> {
    const { producer } = this.#options
    this.#current = this.#free.shift() ?? (await this.#takeAnother())
    this.#bytesBefore = producer.bytesAdded
    producer.begin(this.#current)
  }

  async #takeAnother(): Promise<MarkedTransactions> {
    const { cluster, idOf, subtask } = this.#options
    if (this.#slots === transactionsMax)
      throw new LightflusError(
        'LF_CHECKPOINT_FAILED',
        `A Kafka sink has ${transactionsMax} transactions open, one for each checkpoint in a row that came to nothing`,
      )
    return cluster.take(idOf(subtask, this.#slots++))
  }

  async prepare(checkpoint: number): Promise<PreparedKafkaOutput | undefined> {
    const { producer, attempt } = this.#options
    await producer.flush()
    if (producer.bytesAdded > this.#bytesBefore) {
      const transactions = this.#current!
      const mark = { attempt, checkpoint }
      this.#isPreparing = true
      await transactions.mark(mark)
      this.#prepared.push({ transactions, name: transactions.name, mark })
      await this.#begin()
      this.#isPreparing = false
    }
    if (this.#prepared.length === 0) return undefined
    return { transactions: this.#prepared.map(({ name, mark }) => ({ name, mark })) }
  }

  async commit(checkpoint: number): Promise<void> {
    for (const one of this.#prepared.filter(({ mark }) => mark.checkpoint <= checkpoint)) {
      await one.transactions.commit()
      this.#prepared = this.#prepared.filter((each) => each !== one)
      this.#free.push(one.transactions)
    }
  }

  /** The transaction that no checkpoint can name, where one is open: nobody needs it once the writer is closed. */
  get abandoned(): MarkedTransactions | undefined {
    const { producer } = this.#options
    return !this.#isPreparing && producer.bytesAdded > this.#bytesBefore ? this.#current : undefined
  }
}
