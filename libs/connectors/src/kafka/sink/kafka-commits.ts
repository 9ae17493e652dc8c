import type { ConnectorContext, SinkCheckpoints, SinkCommits } from '@lightflus/engine'
import type { ClusterOptions } from '../network/cluster-options.ts'
import { KafkaClient } from '../network/kafka-client.ts'
import { endTransaction, type TransactionName } from '../transactions/end-transaction.ts'
import { KafkaTransactionCluster } from '../transactions/kafka-transaction-cluster.ts'
import { transactionalIdOf } from '../transactions/transaction-cluster.ts'
import { OpenTransactions } from './open-transactions.ts'
import type { RecordOutput } from './staged-records.ts'
import { StagedTransactions } from './staged-transactions.ts'
import type { TopicProducer } from './topic-producer.ts'

/** Where output is until its checkpoint exists: in an open transaction, or in the checkpoint. */
export type TransactionKind = 'open' | 'wal'

/** What a restart takes at worst, from the loss of the process until `resume` has been called, milliseconds. */
export const restartMs = 120_000
/** For transactions that are written and ended at once. */
const briefTransactionMs = 60_000
/** How long a writer that is closed tries to take back what nobody will commit, milliseconds. */
const abandonMs = 2_000

export interface KafkaCommitsOptions {
  readonly client: KafkaClient
  readonly producer: TopicProducer
  readonly signal: AbortSignal
  readonly checkpoints: SinkCheckpoints
  readonly context: Pick<ConnectorContext<'sink'>, 'operator' | 'subtask'>
  readonly options: { readonly topic: string; readonly transactions?: TransactionKind }
}

export interface KafkaCommits {
  readonly commits: SinkCommits
  /** Where records are added. */
  readonly output: RecordOutput
  /** The transaction that is open and that no checkpoint can name. */
  abandoned(): TransactionName | undefined
}

/** How a sink writes exactly once. */
export function kafkaCommits(given: KafkaCommitsOptions): KafkaCommits {
  const { client, producer, signal, checkpoints, context, options } = given
  const { lineage, attempt, intervalMs, timeoutMs } = checkpoints
  const isStaged = options.transactions === 'wal'
  const times = isStaged
    ? { timeoutMs: briefTransactionMs, isExact: true }
    : // Begun just after one barrier, prepared at the next, and committed once that checkpoint is complete.
      { timeoutMs: intervalMs + timeoutMs + restartMs }
  const cluster = new KafkaTransactionCluster({ client, signal, topic: options.topic, ...times })
  const { operator, subtask } = context
  const idOf = (subtask: number, slot: number) => transactionalIdOf(lineage, operator.node.id, subtask, slot)
  const common = { cluster, producer, attempt, subtask: subtask.index, idOf }
  if (isStaged) {
    const staged = new StagedTransactions(common)
    return { commits: staged, output: staged, abandoned: () => undefined }
  }
  const open = new OpenTransactions(common)
  return { commits: open, output: producer, abandoned: () => open.abandoned?.name }
}

/**
 * Aborts a transaction that nobody will commit, so that readers need not wait for the next attempt or its timeout. Where that
 * fails they do.
 */
export async function abandon(name: TransactionName, cluster: ClusterOptions): Promise<void> {
  const client = new KafkaClient(cluster)
  const signal = AbortSignal.timeout(abandonMs)
  const close = () => client.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    await endTransaction({ client, isCommit: false, signal, ...name })
  } catch {
    // It is settled by the next attempt, if there is one.
  } finally {
    signal.removeEventListener('abort', close)
    client.close()
  }
}
