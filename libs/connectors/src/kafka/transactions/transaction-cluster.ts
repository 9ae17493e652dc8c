import type { OpenTransaction } from '../sink/topic-producer.ts'
import type { TransactionName } from './end-transaction.ts'

/** What tells a committed transaction from all others of its transactional id. */
export interface TransactionMark {
  readonly attempt: number
  readonly checkpoint: number
}

export const isSameMark = (a: TransactionMark | undefined, b: TransactionMark | undefined): boolean =>
  a?.attempt === b?.attempt && a?.checkpoint === b?.checkpoint

/** The transactions of one transactional id that this process has taken over, one after another. */
export interface MarkedTransactions extends OpenTransaction {
  /** By what any process can end the transaction that is open now. */
  readonly name: TransactionName
  /** Writes what {@link TransactionCluster.newestMark} tells once the transaction is committed. */
  mark(mark: TransactionMark): Promise<void>
  /** Ends the transaction; a late repetition of that can never reach the next one, which begins. */
  commit(): Promise<void>
}

/**
 * What exactly once needs of a cluster. Each call repeats itself while the cluster is away, for as long as writers wait.
 */
export interface TransactionCluster {
  /** Whether a transactional id was ever taken (and not yet forgotten). */
  isKnown(transactionalId: string): Promise<boolean>
  /** Fences whoever used it, and aborts what is open under it. */
  take(transactionalId: string): Promise<MarkedTransactions>
  /** Commits a transaction, also of a process that is gone. False: it is not open any more, by whatever end. */
  commit(name: TransactionName): Promise<boolean>
  /** Of the transaction that was last committed with one. None may be open. */
  newestMark(transactionalId: string): Promise<TransactionMark | undefined>
}

/** How many transactions a subtask may have open: one more for each checkpoint in a row that came to nothing. */
export const transactionsMax = 16

/** How the transactional ids of a sink begin; users that may write need leave for them. */
export const transactionalIdPrefix = 'lightflus-'

/** The same in every attempt, so that each can settle what those before it left. */
export const transactionalIdOf = (lineage: string, operator: string, subtask: number, slot: number): string =>
  `${transactionalIdPrefix}${lineage}-${operator}-${subtask}-${slot}`
