import type { Config } from '../config/config.ts'
import { BullmqQueue } from './bullmq-queue.ts'
import { InProcessQueue } from './in-process-queue.ts'
import type { WakeErrorListener, WorkQueue } from './work-queue.ts'

/** The driver that the configuration asks for: BullMQ where there is a Redis, else this process alone. */
export function openQueue({ redisUrl }: Pick<Config, 'redisUrl'>, onError: WakeErrorListener): WorkQueue {
  return redisUrl === null ? new InProcessQueue(onError) : new BullmqQueue({ url: redisUrl, onError })
}
