import type { Config } from '../config/config.ts'
import { InProcessQueue } from './in-process-queue.ts'
import type { WakeErrorListener, WorkQueue } from './work-queue.ts'

/** The driver that the configuration asks for: BullMQ where there is a Redis, else this process alone. */
export async function openQueue(
  { redisUrl }: Pick<Config, 'redisUrl'>,
  onError: WakeErrorListener,
): Promise<WorkQueue> {
  if (redisUrl === null) return new InProcessQueue(onError)
  // Loaded only where it is used: it takes 40 MB.
  const { BullmqQueue } = await import('./bullmq-queue.ts')
  return new BullmqQueue({ url: redisUrl, onError })
}
