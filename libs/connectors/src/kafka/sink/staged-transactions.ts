import { LightflusError } from '@lightflus/api'
import type { EncodedRecords, FormerOutput, SinkCommits } from '@lightflus/engine'
import type { RecordHeader } from '../records/record-batch.ts'
import type { MarkedTransactions, TransactionMark } from '../transactions/transaction-cluster.ts'
import type { OpenTransactionsOptions } from './open-transactions.ts'
import type { PreparedKafkaOutput, StagedChunk } from './prepared-output.ts'
import { settleFormer } from './settle-former.ts'
import { StagedRecords, writeChunks, type RecordOutput } from './staged-records.ts'

/** What a subtask may write until it is committed, bytes: it is held in memory, and lies in the checkpoint. */
export const stagedBytesMax = 64 * 1024 * 1024

/**
 * Writes exactly once what is kept in the checkpoint meanwhile: once that exists, in one transaction that also holds a marker.
 * So no transaction is open while nothing is committed, and no outage is too long.
 */
export class StagedTransactions implements SinkCommits, RecordOutput {
  readonly #options: OpenTransactionsOptions
  readonly #records = new StagedRecords()
  #chunks: readonly StagedChunk[] = []
  #transactions: MarkedTransactions | undefined
  #committed: TransactionMark | undefined

  constructor(options: OpenTransactionsOptions) {
    this.#options = options
  }

  async resume(former: FormerOutput): Promise<void> {
    const { cluster, idOf, subtask } = this.#options
    const id = idOf(subtask, 0)
    const write = (transactions: MarkedTransactions, chunks: readonly StagedChunk[]) =>
      this.#write(transactions, chunks)
    const taken = await settleFormer({ cluster, idOf, former, write })
    this.#transactions = taken.get(id) ?? (await cluster.take(id))
    this.#committed = await cluster.newestMark(id)
  }

  add(
    key: Uint8Array | null,
    value: Uint8Array | string | null,
    headers: readonly RecordHeader[],
    timestamp: number,
    partition: number | undefined,
  ): void {
    this.#records.add(key, value, headers, timestamp, partition)
  }

  addEncoded(records: EncodedRecords, timestampOf: (index: number) => number): void {
    this.#records.addEncoded(records, timestampOf)
  }

  /** @throws LF_SINK_STAGE_FULL; waiting would be for ever, since the barrier is behind what waits */
  ready(): void {
    const bytes = this.#chunks.reduce((sum, chunk) => sum + chunk.bytes.length, this.#records.length)
    if (bytes <= stagedBytesMax) return
    throw new LightflusError(
      'LF_SINK_STAGE_FULL',
      `A Kafka sink with transactions: 'wal' was given more than ${stagedBytesMax / 1024 / 1024} MiB since the last checkpoint that was committed`,
    )
  }

  prepare(checkpoint: number): Promise<PreparedKafkaOutput | undefined> {
    const { attempt, idOf, subtask } = this.#options
    if (this.#records.length > 0)
      this.#chunks = [...this.#chunks, { mark: { attempt, checkpoint }, bytes: this.#records.take() }]
    if (this.#chunks.length === 0) return Promise.resolve(undefined)
    return Promise.resolve({
      transactionalId: idOf(subtask, 0),
      committed: this.#committed,
      chunks: this.#chunks,
    })
  }

  async commit(checkpoint: number): Promise<void> {
    const chunks = this.#chunks.filter(({ mark }) => mark.checkpoint <= checkpoint)
    const newest = chunks.at(-1)
    if (!newest) return
    const transactions = this.#transactions!
    await this.#write(transactions, chunks)
    await transactions.mark(newest.mark)
    await transactions.commit()
    this.#committed = newest.mark
    this.#chunks = this.#chunks.filter((chunk) => !chunks.includes(chunk))
  }

  #write(transactions: MarkedTransactions, chunks: readonly StagedChunk[]): Promise<void> {
    return writeChunks(this.#options.producer, transactions, chunks)
  }
}
