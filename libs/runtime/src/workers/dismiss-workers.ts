import { loadTopicLogs } from '@lightflus/connectors'
import type { Placement } from '../placement.ts'
import { beatMs, decodeSignal, encodeSignal, topicNames } from './control-messages.ts'

/** How long the workers may take to go, milliseconds: then the topics are deleted all the same. */
const goMsMax = 5_000

/** Tells the other workers that the deployment has come to its end, and deletes its topics once they have gone. @param process of the coordinator */
export async function dismissWorkers(
  { exchange, topicPrefix, workers, worker }: Placement,
  process: number,
): Promise<void> {
  const topics = await loadTopicLogs(exchange)
  const names = topicNames(topicPrefix, workers)
  const late = AbortSignal.timeout(goMsMax)
  const gone = Promise.withResolvers<void>()
  late.addEventListener('abort', () => gone.resolve(), { once: true })
  const control = await topics.open(names.control, { signal: late, onFailure: () => gone.resolve() })
  if (control) {
    const left = new Set(Array.from({ length: workers - 1 }, (_, at) => at + 1))
    control.follow(worker, await control.end(worker), (record) => {
      const signal = decodeSignal(record)
      if (signal?.type === 'bye') left.delete(signal.worker)
      if (left.size === 0) gone.resolve()
    })
    const tell = () => {
      for (const each of left) control.append(each, encodeSignal({ type: 'over', process }))
    }
    tell()
    const again = setInterval(tell, beatMs)
    await gone.promise
    clearInterval(again)
    control.close()
  }
  await topics.remove([names.control, names.exchange], AbortSignal.timeout(2 * goMsMax))
}
