import { setTimeout as pause } from 'node:timers/promises'
import { KafkaCluster } from '@lightflus/testing/services'
import { RunProcess } from './run-process.ts'
import { TallyJob, type TallyServices } from './tally-job.ts'
import type { Verdict } from './verdict.ts'

export interface BrokerAwayOptions {
  readonly folder: string
  /** Of a broker of its own. */
  readonly services: Omit<TallyServices, 'kafka'>
  /** How long the broker is away each time. */
  readonly awayMs: number
}

const checkpointIntervalMs = 100
const records = 400

/** Takes the broker away from a job that reads and writes there: first it stands still, then it is killed. */
export async function takeBrokerAway({ folder, services, awayMs }: BrokerAwayOptions): Promise<Verdict> {
  const cluster = await KafkaCluster.start({ brokers: 1 })
  const job = await TallyJob.make({
    services: { ...services, kafka: cluster.address(1) },
    folder,
    checkpointIntervalMs,
  })
  const run = new RunProcess(job, { parallelism: 2, checkpointIntervalMs })
  try {
    await job.feed(records)
    await job.caughtUp()
    await job.feed(records)
    cluster.freeze(1)
    await pause(awayMs)
    cluster.thaw(1)
    await job.feed(records)
    await job.caughtUp()
    await job.feed(records)
    await cluster.kill(1)
    await pause(awayMs)
    await cluster.restart(1)
    await job.feed(records)
    await job.caughtUp()
    await job.complete()
    await run.finish()
    return await job.verdict()
  } finally {
    run.signal('SIGKILL')
    await job.remove()
    await cluster.stop()
  }
}
