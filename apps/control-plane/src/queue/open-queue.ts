import { createHash } from 'node:crypto'
import type { Config } from '../config/config.ts'
import { InProcessQueue } from './in-process-queue.ts'
import type { WakeErrorListener, WorkQueue } from './work-queue.ts'

/** The driver that the configuration asks for: BullMQ where there is a Redis, else this process alone. */
export async function openQueue(
  config: Pick<Config, 'redisUrl' | 'embedded' | 'dataDir'>,
  onError: WakeErrorListener,
): Promise<WorkQueue> {
  const { redisUrl } = config
  if (redisUrl === null) return new InProcessQueue(onError)
  // Loaded only where it is used: it takes 40 MB.
  const { BullmqQueue } = await import('./bullmq-queue.ts')
  return new BullmqQueue({ url: redisUrl, prefix: queuePrefix(config), onError })
}

/**
 * Control planes of one platform share a prefix. A platform on one machine has one of its own: several of them, on a
 * Redis that happens to stand in REDIS_URL, would else take each other's wake-ups.
 */
export function queuePrefix({ embedded, dataDir }: Pick<Config, 'embedded' | 'dataDir'>): string {
  if (!embedded || dataDir === null) return 'lightflus'
  return `lightflus-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`
}
