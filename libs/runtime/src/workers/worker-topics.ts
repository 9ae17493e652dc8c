import type { loadTopicLogs, TopicLog } from '@lightflus/connectors'

type TopicLogs = Awaited<ReturnType<typeof loadTopicLogs>>

/** A topic between the workers of a deployment, as they see it. */
export type WorkerTopic = Pick<TopicLog, 'end' | 'append' | 'flush' | 'follow' | 'close'>

/** Makes and opens them. */
export interface WorkerTopics extends Pick<TopicLogs, 'create'> {
  open(...given: Parameters<TopicLogs['open']>): Promise<WorkerTopic | undefined>
}
