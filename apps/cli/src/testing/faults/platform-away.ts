import { setTimeout as pause } from 'node:timers/promises'
import { startRedis, until } from '@lightflus/testing/services'
import { TestPlatform } from '../platform.ts'
import { TallyJob, type TallyServices } from './tally-job.ts'
import type { Verdict } from './verdict.ts'

export interface PlatformAwayOptions {
  /** Which other users may enter. */
  readonly folder: string
  readonly port: number
  readonly services: TallyServices
  /** How long each part is away. */
  readonly awayMs: number
  readonly onStep?: (step: string) => void
}

export interface PlatformAwayReport {
  /** From the worker's SIGKILL to the first record that the next one let out. */
  readonly workerRecoveryMs: number
  readonly verdict: Verdict
}

const records = 400
const worker = 'worker/dist/main.js'

interface JobView {
  readonly deployment: { readonly status: { readonly state: string } } | null
}

/**
 * Runs the job on a platform whose queue is in Redis. Its worker is killed; then, for so long each, all of the platform but the
 * worker is gone, Postgres answers nothing and is killed, and the queue's Redis is gone. While they are, the job has to go on:
 * what is fed meanwhile is committed meanwhile, and the worker is the same as before when they are back.
 */
export async function takePlatformAway(options: PlatformAwayOptions): Promise<PlatformAwayReport> {
  const { folder, services, awayMs, onStep = () => undefined } = options
  await using cleanUp = new AsyncDisposableStack()
  let queue = await startRedis()
  cleanUp.defer(() => queue.stop())
  const job = await TallyJob.make({ services, folder, checkpointIntervalMs: 200 })
  cleanUp.defer(() => job.remove())
  const platform = new TestPlatform(folder, options.port, { REDIS_URL: queue.address })
  cleanUp.defer(async () => void (await platform.stop()))
  await platform.start()
  await platform.signIn()
  await platform.command(['connections', 'set', 'kafka', '--url', `kafka://${services.kafka}`])
  await platform.command(['connections', 'set', 'mysql'], services.mysql)
  await platform.command(['connections', 'set', 'redis'], services.redis)
  await platform.command(['apply', '-f', 'tally.json'])
  const runs = async () => {
    const { deployment } = await platform.json<JobView>(['get', 'job', job.name])
    return deployment?.status.state === 'RUNNING'
  }
  const goesOn = async () => {
    await job.feed(records)
    await job.caughtUp()
  }
  /** Takes a part away, and brings it back; the job must not notice. */
  const without = async (step: string, take: () => unknown, bringBack: () => Promise<unknown>) => {
    onStep(step)
    const before = platform.pidsOf(worker)
    const back = performance.now() + awayMs
    await take()
    await goesOn()
    await pause(Math.max(0, back - performance.now()))
    await goesOn()
    await bringBack()
    await until(runs, { what: `the job to be RUNNING after ${step}`, deadlineMs: 120_000, intervalMs: 500 })
    await goesOn()
    if (String(platform.pidsOf(worker)) !== String(before)) throw new Error(`The worker is another after ${step}`)
  }

  await goesOn()
  onStep('the worker killed')
  const workerRecoveryMs = await job.flowsAfter(() => platform.kill(worker))
  await until(runs, { what: 'the job to be RUNNING again', deadlineMs: 120_000, intervalMs: 500 })
  await without(
    'the platform gone',
    () => platform.killAll(),
    () => platform.start(),
  )
  await without(
    'Postgres silent, then killed',
    () => platform.kill('bin/postgres', 'SIGSTOP'),
    async () => platform.kill('bin/postgres'),
  )
  await without(
    'the queue gone',
    () => queue.stop(),
    async () => (queue = await startRedis({ port: Number(new URL(queue.address).port) })),
  )
  await job.complete()
  await platform.command(['stop', job.name])
  return { workerRecoveryMs, verdict: await job.verdict() }
}
