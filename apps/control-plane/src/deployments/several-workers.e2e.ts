import { closeCompiler } from '@lightflus/compiler'
import { LightflusError } from '@lightflus/api'
import type { Assignment, Client } from '@lightflus/contracts'
import { needs, until } from '@lightflus/testing/services'
import { KeepWorker } from '../reconciler/keep-worker.ts'
import { PlaceDeployment } from '../reconciler/place-deployment.ts'
import { generatorProgram } from '../testing/programs.ts'
import { reportOf, SpokenWorker } from '../testing/spoken-worker.ts'
import { TestPlatform, type TestUser } from '../testing/test-platform.ts'

afterAll(() => closeCompiler())

const limits = { workersLostMax: 4, workerIdleMsMax: 200 }
const secret = 'exchange-password'
const exchange = {
  brokers: ['broker.example:9092'],
  sasl: { mechanism: 'plain', username: 'lightflus', password: secret },
}
const name = 'wide'
const params = { name }

/** A worker with what it was told of this job. */
interface Told {
  readonly spoken: SpokenWorker
  readonly assignment: Assignment
}

needs('postgres')('a deployment on several workers', () => {
  let platform: TestPlatform
  let user: TestUser
  let client: Client

  const start = async (environment: Record<string, string>) => {
    platform = await TestPlatform.start({ limits, environment })
  }
  beforeEach(async () => {
    user = await platform.tenant()
    client = (await platform.signIn(user)).client
  })

  const apply = (deployment: object) =>
    client.applyJob({ params, body: { program: generatorProgram(name), deployment } })
  const status = async () => (await client.getJob({ params })).deployment!.status
  const events = async () => (await client.listEvents({ params, query: {} })).items
  const placed = () => platform.workers.specs.filter((spec) => spec.tenantId === user.tenantId)

  /** The workers that are told to host the job, by number, once there are so many of them. */
  const told = (count: number): Promise<Told[]> =>
    until(
      async () => {
        const all: Told[] = []
        for (const spec of placed()) {
          const spoken = new SpokenWorker(platform, spec)
          const { status: answer, body } = await spoken.request([])
          const assignments = answer === 200 ? ((body?.assignments ?? []) as Assignment[]) : []
          for (const assignment of assignments) all.push({ spoken, assignment })
        }
        const byNumber = all.toSorted((a, b) => numberOf(a) - numberOf(b))
        return all.length === count && byNumber
      },
      { what: `${count} workers to host the job` },
    )
  const numberOf = ({ assignment }: Told) => assignment.placement?.worker ?? 0

  const runOn = async (workers: number, parallelism = workers) => {
    await apply({ parallelism, workers })
    const all = await told(workers)
    await all[0]!.spoken.sync(reportOf(all[0]!.assignment))
    return all
  }

  describe('without an exchange of the platform', () => {
    beforeAll(() => start({}))
    afterAll(() => platform.close())

    test('is refused, with what to do, and so are more workers than slots', async () => {
      const refused = await apply({ parallelism: 3, workers: 3 }).catch((error: unknown) => error)
      expect(refused).toMatchObject({
        code: 'LF_WORKERS_EXCHANGE',
        message: 'Job wide cannot run on 3 workers: the platform has no Kafka of its own for their exchange.',
        nextStep: expect.stringContaining('--exchange CONNECTION'),
        details: { status: 422 },
      })
      await expect(apply({ parallelism: 2, workers: 3 })).rejects.toMatchObject({
        code: 'LF_WORKERS_SLOTS',
        details: { status: 422 },
      })
      await apply({ parallelism: 3 })
      await expect(client.deployJob({ params, body: { workers: 2 } })).rejects.toMatchObject({
        code: 'LF_WORKERS_EXCHANGE',
      })
      expect((await client.getJob({ params })).deployment?.spec).toMatchObject({ workers: 1, exchange: null })
    })

    test('takes a kafka connection of the tenant, which it then holds on to', async () => {
      await expect(apply({ parallelism: 2, workers: 2, exchange: 'bus' })).rejects.toMatchObject({
        code: 'LF_CONNECTION_MISSING',
      })
      await client.putConnection({
        params: { name: 'cache' },
        body: { kind: 'redis', options: { host: '127.0.0.1' } },
      })
      await expect(apply({ parallelism: 2, workers: 2, exchange: 'cache' })).rejects.toMatchObject({
        code: 'LF_CONNECTION_KIND',
      })
      await client.putConnection({ params: { name: 'bus' }, body: { kind: 'kafka', options: exchange as never } })
      await apply({ parallelism: 2, workers: 2, exchange: 'bus' })
      const [first] = await told(2)
      expect(first?.assignment.placement?.exchange).toEqual({ name: 'bus', kind: 'kafka', options: exchange })
      await expect(client.deleteConnection({ params: { name: 'bus' } })).rejects.toMatchObject({
        code: 'LF_CONNECTION_IN_USE',
      })
    })
  })

  describe('with an exchange of the platform', () => {
    beforeAll(() => start({ LIGHTFLUS_EXCHANGE_KAFKA: JSON.stringify(exchange) }))
    afterAll(() => platform.close())

    test('has as many workers, each with its number and its share of the slots', async () => {
      const all = await runOn(3, 4)
      expect(all.map(numberOf)).toEqual([0, 1, 2])
      const slotsOf = ({ spoken }: Told) => spoken.spec.slots
      expect(all.map(slotsOf)).toEqual([2, 1, 1])
      const [{ assignment }] = all as [Told]
      for (const [number, each] of all.entries())
        expect(each.assignment).toEqual({
          ...assignment,
          placement: { ...assignment.placement, worker: number },
        })
      expect(assignment.placement).toMatchObject({
        workers: 3,
        exchange: { kind: 'kafka', options: exchange },
        topicPrefix: `lightflus.${user.tenantId}.${assignment.jobId}.${assignment.deploymentId}`,
      })
      for (const { spoken } of all) expect((await spoken.bundle(assignment)).status).toBe(200)
      const job = await client.getJob({ params })
      expect(job.deployment).toMatchObject({
        spec: { parallelism: 4, workers: 3 },
        status: {
          state: 'RUNNING',
          workers: [0, 1, 2].map((number) => ({ number, state: 'running', residentBytes: 1, error: null })),
        },
      })
      expect(JSON.stringify(job)).not.toContain(secret)
    })

    test('is what its first worker says; the others say only whether they take part', async () => {
      const [first, second] = (await runOn(2)) as [Told, Told]
      await second.spoken.sync(reportOf(second.assignment, { state: 'FAILED', attempt: 9 }))
      expect(await status()).toMatchObject({ state: 'RUNNING', attempt: 1 })
      const error = new LightflusError('LF_WORKER_START', 'Job wide could not be started.').toJSON()
      const part = { deploymentId: second.assignment.deploymentId, error }
      for (let times = 0; times < 2; times++) await second.spoken.request([], { parts: [part] })
      expect(await status()).toMatchObject({
        state: 'RUNNING',
        error: null,
        workers: [{ error: null }, { number: 1, error: { code: 'LF_WORKER_START' } }],
      })
      const failures = (await events()).filter(({ kind }) => kind === 'partFailed')
      expect(failures.map(({ reason }) => reason)).toEqual([
        'Worker 1 of 2 does not take part. LF_WORKER_START: Job wide could not be started.',
      ])
      await second.spoken.request([], { parts: [{ ...part, error: null }] })
      expect((await status()).workers[1]?.error).toBeNull()
      // What is said of a deployment by a worker that has no part in it is ignored.
      await first.spoken.request([], { parts: [part] })
      expect((await status()).workers[0]?.error).toBeNull()
    })

    test('gets a lost worker back under its number, while the first says how it fares', async () => {
      const [, second] = (await runOn(2)) as [Told, Told]
      platform.workers.crash(second.spoken.spec.workerId)
      await until(async () => (await events()).some(({ kind }) => kind === 'workerLost'), {
        what: 'the loss to be seen',
      })
      expect((await events()).find(({ kind }) => kind === 'workerLost')?.reason).toBe(
        'Worker 1 of 2 was lost: exit code 137.',
      )
      const again = await told(2)
      expect(again[1]!.spoken.spec.workerId).toBe(second.spoken.spec.workerId)
      expect(await status()).toMatchObject({ state: 'RUNNING', restarts: 0 })
    })

    test('fails once its workers were lost too often, whichever of them', async () => {
      let all = await runOn(2)
      for (let losses = 1; losses <= limits.workersLostMax; losses++) {
        platform.workers.crash(all[losses % 2]!.spoken.spec.workerId)
        await until(
          async () => {
            const lost = (await events()).filter(({ kind }) => kind === 'workerLost' || kind === 'workersExhausted')
            return lost.length === losses
          },
          { what: `loss ${losses} to be seen` },
        )
        // Starts wait longer after each loss; that time passes here at once.
        platform.clock.jump(60_000)
        if (losses < limits.workersLostMax) all = await told(2)
      }
      expect(await status()).toMatchObject({ state: 'FAILED', error: { code: 'LF_WORKER_LOST' }, workers: [] })
      await until(() => placed().length === 0, { what: 'its workers to be removed' })
    })

    test('is rescaled by a savepoint, and its workers go with it', async () => {
      const [first] = (await runOn(3)) as [Told]
      await client.deployJob({ params, body: { parallelism: 2 } })
      expect((await client.getJob({ params })).deployment?.spec).toMatchObject({ parallelism: 2, workers: 2 })
      await first.spoken.sync(reportOf({ ...first.assignment, generation: 2 }, { state: 'STOPPED' }))
      const two = await told(2)
      await two[0]!.spoken.sync(reportOf(two[0]!.assignment))
      await until(() => placed().length === 2, { what: 'the workers of before to be removed' })
      await client.deployJob({ params, body: { workers: 1 } })
      await two[0]!.spoken.sync(reportOf({ ...two[0]!.assignment, generation: 2 }, { state: 'STOPPED' }))
      const [only] = await told(1)
      expect(only?.assignment).toMatchObject({ parallelism: 2, placement: null })
    })

    test('has no workers while it is suspended, and all of them again when it is resumed', async () => {
      const [first, second] = (await runOn(2)) as [Told, Told]
      await client.suspendJob({ params })
      await first.spoken.sync(reportOf({ ...first.assignment, generation: 2 }, { state: 'SUSPENDED' }))
      expect((await second.spoken.sync()).assignments).toEqual([])
      await until(() => placed().length === 0, { what: 'the workers to be removed' })
      await client.resumeJob({ params })
      const again = await told(2)
      expect(again.map(numberOf)).toEqual([0, 1])
    })

    test('gets another in the place of a worker whose removal was begun and never ended', async () => {
      const [, second] = (await runOn(2)) as [Told, Told]
      const { workerId: id } = second.spoken.spec
      await platform.controlPlane.database.tenant(user.tenantId, ({ client: rows, tenantId }) =>
        rows.worker.updateMany({ where: { tenantId, id }, data: { removing: true } }),
      )
      const { tenantId } = user
      await platform.controlPlane.app.get(KeepWorker).execute({ tenantId, id })
      expect(placed()).toHaveLength(1)
      await platform.controlPlane.app.get(PlaceDeployment).execute({ tenantId, id: second.assignment.deploymentId })
      const again = await told(2)
      expect(again.map(numberOf)).toEqual([0, 1])
      expect(again[1]!.spoken.spec.workerId).not.toBe(id)
    })

    test('waits, and says why, where the exchange is gone by the time it is placed', async () => {
      const [first] = (await runOn(2)) as [Told]
      await client.suspendJob({ params })
      await first.spoken.sync(reportOf({ ...first.assignment, generation: 2 }, { state: 'SUSPENDED' }))
      await platform.controlPlane.close()
      platform.controlPlane = await platform.startReplica({ LIGHTFLUS_EXCHANGE_KAFKA: '' })
      client = (await platform.signIn(user)).client
      await client.resumeJob({ params })
      await until(async () => (await status()).error?.code === 'LF_WORKERS_EXCHANGE', {
        what: 'the reason to be shown',
      })
    })
  })
})
