import { setTimeout as pause } from 'node:timers/promises'
import { KafkaCluster, startMariadb, startRedis } from '@lightflus/testing/services'
import { NetworkNamespace } from './network-namespace.ts'
import { RunProcess } from './run-process.ts'
import { TallyJob } from './tally-job.ts'
import type { Verdict } from './verdict.ts'

export interface NetworkCutOptions {
  readonly folder: string
  readonly cuts: number
  /** How long each lasts. */
  readonly cutMs: number
}

const checkpointIntervalMs = 100
const records = 400

/** Cuts the connections of a job to all that is outside of it, in the middle of its work, so that packets vanish. */
export async function cutNetwork({ folder, cuts, cutMs }: NetworkCutOptions): Promise<Verdict> {
  await using cleanUp = new AsyncDisposableStack()
  const network = cleanUp.adopt(new NetworkNamespace(), (each) => each.remove())
  const host = network.address
  const kafka = cleanUp.adopt(await KafkaCluster.start({ brokers: 1, host }), (each) => each.stop())
  const mysql = cleanUp.adopt(await startMariadb({ host }), (each) => each.stop())
  const redis = cleanUp.adopt(await startRedis({ host }), (each) => each.stop())
  const services = { kafka: kafka.address(1), mysql: mysql.address, redis: redis.address }
  const job = cleanUp.adopt(await TallyJob.make({ services, folder, checkpointIntervalMs }), (each) => each.remove())
  const run = new RunProcess(job, { parallelism: 2, checkpointIntervalMs, prefix: network.prefix })
  cleanUp.defer(() => run.signal('SIGKILL'))
  for (let cut = 0; cut < cuts; cut++) {
    await job.feed(records)
    await job.caughtUp()
    await job.feed(records)
    network.cut()
    await pause(cutMs)
    network.mend()
    await job.feed(records)
    await job.caughtUp()
  }
  await job.complete()
  await run.finish()
  return await job.verdict()
}
