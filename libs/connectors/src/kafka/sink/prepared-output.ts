import type { TransactionName } from '../transactions/end-transaction.ts'
import type { TransactionMark } from '../transactions/transaction-cluster.ts'

/** A transaction that holds all it will, and its marker. */
export interface PreparedTransaction {
  readonly name: TransactionName
  readonly mark: TransactionMark
}

/** What was written between two barriers, as StagedRecords packs it. */
export interface StagedChunk {
  readonly mark: TransactionMark
  readonly bytes: Uint8Array
}

export interface PreparedChunks {
  /** Under which it is written, and was before. */
  readonly transactionalId: string
  /** Of what was committed last, by which a marker that has expired is told from one that was never written. */
  readonly committed: TransactionMark | undefined
  readonly chunks: readonly StagedChunk[]
}

/** What a sink's subtask hands to a checkpoint: in the order in which it was written. */
export type PreparedKafkaOutput = { readonly transactions: readonly PreparedTransaction[] } | PreparedChunks
