import type { KafkaClient } from '../network/kafka-client.ts'
import { errorCode } from '../protocol/request.ts'
import { offsetFetch } from '../protocol/offsets.ts'
import { withPatience } from '../with-patience.ts'
import { transactionPatience } from './transaction-errors.ts'

/** What tells that a transaction was committed: an offset that a group has committed for partition 0 of a topic. */
export interface TransactionMarker {
  /** Nobody else may commit for it. */
  readonly group: string
  readonly topic: string
  readonly offset: number
  /** Any text that goes with it, by default up to 4 KiB. */
  readonly metadata: string | null
}

/**
 * The newest marker of a group that was committed; undefined: none was. While a transaction with a marker is open or being
 * ended it is waited for: it has to be ended before.
 * @throws LF_CONNECTION_LOST where it was not ended for half a minute, LF_CONNECTION_*, LF_KAFKA_*
 */
export async function readMarker(
  client: KafkaClient,
  group: string,
  topic: string,
  signal: AbortSignal,
): Promise<TransactionMarker | undefined> {
  const ask = () =>
    client.askCoordinator({ of: 'group', key: group }, offsetFetch, { group, topic, partitions: [0] }, (answer) =>
      answer.error !== errorCode.none ? answer.error : (answer.partitions[0]?.error ?? errorCode.none),
    )
  const { partitions } = await withPatience(ask, transactionPatience(client.peer, group), signal)
  const [found] = partitions
  if (!found || found.offset < 0) return undefined
  return { group, topic, offset: found.offset, metadata: found.metadata }
}
