import type { FormerOutput } from '@lightflus/engine'
import { LightflusError } from '@lightflus/api'
import {
  isSameMark,
  transactionsMax,
  type MarkedTransactions,
  type TransactionCluster,
  type TransactionMark,
} from '../transactions/transaction-cluster.ts'
import type { PreparedChunks, PreparedKafkaOutput, StagedChunk } from './prepared-output.ts'

export interface SettleOptions {
  readonly cluster: TransactionCluster
  readonly idOf: (subtask: number, slot: number) => string
  readonly former: FormerOutput
  /** Writes chunks into a transaction, and waits until they are acknowledged. */
  readonly write: (transactions: MarkedTransactions, chunks: readonly StagedChunk[]) => Promise<void>
}

/**
 * Settles what former attempts left, and takes over all that they wrote under. The order matters:
 *
 * 1. What the checkpoint names is committed by name. To take its id over first would abort it.
 * 2. Every id that former attempts used is taken over: whoever still lives of them is fenced, what is open is aborted,
 *    and markers can be read.
 * 3. What could not be committed was either before, as its marker says, or is lost.
 * 4. What the checkpoint holds itself is written, unless its marker says that it was.
 *
 * @returns what was taken over, by transactional id
 * @throws LF_SINK_COMMIT_LOST, LF_CONNECTION_*, LF_KAFKA_*
 */
export async function settleFormer({
  cluster,
  idOf,
  former,
  write,
}: SettleOptions): Promise<Map<string, MarkedTransactions>> {
  const outputs = former.isCommitted ? [] : former.prepared.map(({ output }) => output as PreparedKafkaOutput)
  const named = outputs.flatMap((output) => ('transactions' in output ? output.transactions : []))
  const staged = outputs.flatMap((output) => ('chunks' in output ? [output] : []))
  const doubtful = []
  for (const one of named) if (!(await cluster.commit(one.name))) doubtful.push(one)

  const taken = new Map<string, MarkedTransactions>()
  const take = async (id: string) => void taken.set(id, await cluster.take(id))
  for (const subtask of former.subtasks) {
    const ids = Array.from({ length: transactionsMax }, (_, slot) => idOf(subtask, slot))
    await Promise.all(ids.map(async (id) => ((await cluster.isKnown(id)) ? take(id) : undefined)))
  }
  // Those of a sink that bore another operator's id are not among them.
  const others = [
    ...named.map(({ name }) => name.transactionalId),
    ...staged.map(({ transactionalId }) => transactionalId),
  ]
  for (const id of others) if (!taken.has(id)) await take(id)

  for (const { name, mark } of doubtful) {
    const { transactionalId } = name
    const found = await cluster.newestMark(transactionalId)
    if (!isSameMark(found, mark)) throw lost(transactionalId, mark, found)
  }
  for (const output of staged) await writeStaged(cluster, taken.get(output.transactionalId)!, output, write)
  return taken
}

async function writeStaged(
  cluster: TransactionCluster,
  transactions: MarkedTransactions,
  { committed, chunks }: PreparedChunks,
  write: SettleOptions['write'],
): Promise<void> {
  const found = await cluster.newestMark(transactions.transactionalId)
  const done = chunks.findIndex(({ mark }) => isSameMark(mark, found))
  const { mark } = chunks.at(-1)!
  if (done === -1 && !isSameMark(found, committed)) throw lost(transactions.transactionalId, mark, found)
  const left = chunks.slice(done + 1)
  if (left.length === 0) return
  await write(transactions, left)
  await transactions.mark(mark)
  await transactions.commit()
}

function lost(transactionalId: string, { attempt, checkpoint }: TransactionMark, found: TransactionMark | undefined) {
  const seen = found
    ? `the marker is that of checkpoint ${found.checkpoint}, attempt ${found.attempt}`
    : 'it has no marker'
  return new LightflusError(
    'LF_SINK_COMMIT_LOST',
    `Transactional id '${transactionalId}': what was written before checkpoint ${checkpoint} (attempt ${attempt}) is not seen to have been committed, and cannot be any more (${seen}): its transaction or the marker has outlasted its time, or somebody else ended it`,
    { details: { transactionalId, checkpoint, attempt } },
  )
}
