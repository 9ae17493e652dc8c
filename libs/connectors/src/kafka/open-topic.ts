import { targetError } from '../connection-errors.ts'
import { retryPauseMs } from '../patience.ts'
import { pause } from '../pause.ts'
import { errorOfCode } from './kafka-errors.ts'
import type { KafkaClient } from './network/kafka-client.ts'
import type { TopicMetadata } from './protocol/metadata.ts'
import { errorCode } from './protocol/request.ts'

/**
 * The topic, at the start of a reader or writer.
 * @throws LF_CONNECTION_TARGET when there is none, LF_CONNECTION_AUTH when the user may not see it
 */
export async function openTopic(client: KafkaClient, name: string, signal: AbortSignal): Promise<TopicMetadata> {
  let found = await client.topic(name)
  if (found.error === errorCode.unknownTopicOrPartition) {
    // Where it was only just made, not every broker knows it yet.
    await pause(2 * retryPauseMs, signal)
    found = await client.topic(name)
  }
  if (found.error === errorCode.unknownTopicOrPartition)
    throw targetError(client.peer, `there is no topic named '${name}'`)
  if (found.partitions.length > 0) return found
  throw errorOfCode(found.error, client.peer, `topic '${name}'`)
}
