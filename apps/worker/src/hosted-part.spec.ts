import { LightflusError } from '@lightflus/api'
import type { Assignment } from '@lightflus/contracts'
import { temporaryFolder, until } from '@lightflus/testing/services'
import { HostedPart, type Join } from './hosted-part.ts'

const exchange = { name: 'platform', kind: 'kafka', options: { brokers: ['broker.example:9092'] } }

/** Stands in for the data plane: says how often and by what it was joined, and ends as a test wants. */
class Joins {
  readonly options: Parameters<Join>[0][] = []
  #end: PromiseWithResolvers<void> | undefined
  left = 0

  readonly join: Join = (options) => {
    this.options.push(options)
    const end = Promise.withResolvers<void>()
    this.#end = end
    return {
      done: end.promise,
      leave: async () => {
        this.left++
        end.resolve()
      },
    }
  }

  end(error?: Error): void {
    if (error) this.#end?.reject(error)
    else this.#end?.resolve()
  }
}

describe('the part of a deployment that another worker coordinates', () => {
  const folder = temporaryFolder('hosted-part')
  afterAll(() => folder.remove())
  let joins: Joins
  let told: number

  const assignment: Assignment = {
    deploymentId: 'wide',
    jobId: 'job-wide',
    jobName: 'wide',
    version: 1,
    generation: 1,
    desired: 'running',
    parallelism: 4,
    bundlePath: '/bundle',
    bundleSha256: 'b5',
    graphHash: 'a1',
    checkpointLocation: folder.path,
    checkpointIntervalMs: 1_000,
    restore: true,
    from: null,
    acceptRepeats: false,
    dropState: [],
    slotHeapBytesMax: 128 * 1_048_576,
    savepoint: 0,
    connections: [],
    placement: { worker: 1, workers: 2, exchange, topicPrefix: 'lightflus.wide' },
  }
  const pauses = { retryMs: 20, retryMsMax: 100, endMs: 20 }
  const host = (bundle = async () => Buffer.from('export default 1'), paused = pauses) => {
    const controlPlane = { bundle, sync: () => Promise.reject(new Error('a part does not sync')) }
    const options = {
      folder: folder.path,
      controlPlane,
      slotNodeOptions: undefined,
      onNews: () => void told++,
      log: () => {},
    }
    return new HostedPart(assignment, options, joins.join, paused)
  }
  /** Reconciles again and again, as each sync does. */
  const joined = (part: HostedPart, times: number, given = assignment) =>
    until(
      () => {
        part.reconcile(given)
        return joins.options.length === times && !part.over
      },
      { what: `the part to be joined ${times} times` },
    )

  beforeEach(() => {
    joins = new Joins()
    told = 0
  })

  test('is joined once, with its place and all that the job is run by, and left when it is not wanted', async () => {
    const part = host()
    await joined(part, 1)
    for (let syncs = 0; syncs < 3; syncs++) part.reconcile({ ...assignment, generation: 2, desired: 'stopped' })
    const { jobName, parallelism, placement, graphHash, restore } = joins.options[0]!
    expect({ jobName, parallelism, placement, graphHash, restore }).toEqual({
      jobName: 'wide',
      parallelism: 4,
      placement: assignment.placement,
      graphHash: 'a1',
      restore: 'newest',
    })
    expect({ reports: part.reports(), parts: part.parts() }).toEqual({
      reports: [],
      parts: [{ deploymentId: 'wide', error: null }],
    })
    await part.cancel()
    await until(() => part.over, { what: 'the part to be over' })
    part.reconcile(assignment)
    expect({ left: joins.left, joined: joins.options.length }).toEqual({ left: 1, joined: 1 })
  })

  test('says at once why it does not take part, and tries again', async () => {
    const part = host()
    await joined(part, 1)
    joins.end(new LightflusError('LF_GRAPH_MISMATCH', 'another graph'))
    await until(() => told === 1, { what: 'news' })
    expect(part.parts()).toMatchObject([{ error: { code: 'LF_GRAPH_MISMATCH', message: 'another graph' } }])
    await joined(part, 2)
    expect(part.parts()).toEqual([{ deploymentId: 'wide', error: null }])
    await part.leave()
  })

  test('says why it cannot be started, in words of the catalogue', async () => {
    const part = host(() => Promise.reject(new Error('disk full')))
    part.reconcile({ ...assignment, bundleSha256: 'c7' })
    await until(() => told === 1, { what: 'news' })
    expect(part.parts()).toMatchObject([{ error: { code: 'LF_WORKER_START', details: { job: 'wide' } } }])
  })

  test('is joined again after an end only where the job is to run', async () => {
    const part = host()
    await joined(part, 1)
    joins.end()
    await until(() => part.over, { what: 'the part to be over' })
    part.reconcile({ ...assignment, generation: 2, desired: 'suspended' })
    expect(part.over).toBe(true)
    await joined(part, 2, { ...assignment, generation: 3 })
    await part.leave()
  })

  test('is not joined at once after an end: the topics of the exchange may be about to go', async () => {
    const part = host(undefined, { ...pauses, endMs: 600_000 })
    await joined(part, 1)
    joins.end()
    await until(() => part.over, { what: 'the part to be over' })
    part.reconcile(assignment)
    part.reconcile({ ...assignment, generation: 2, desired: 'suspended' })
    expect({ over: part.over, parts: part.parts() }).toEqual({
      over: true,
      parts: [{ deploymentId: 'wide', error: null }],
    })
    // Whoever resumes it has heard that it was suspended, and so that they are gone.
    await joined(part, 2, { ...assignment, generation: 3 })
    await part.leave()
  })
})
