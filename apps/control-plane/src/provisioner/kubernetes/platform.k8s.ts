import { randomBytes } from 'node:crypto'
import { type Client, createClient } from '@lightflus/contracts'
import { freePort, uniqueName, until } from '@lightflus/testing/services'
import { freshDatabase, type FreshDatabase } from '../../testing/fresh-database.ts'
import { workersSelector } from './names.ts'
import { ControlPlaneProcess } from './testing/control-plane-process.ts'
import { countedKeys, countingProgram } from './testing/counting-program.ts'
import { TestCluster } from './testing/test-cluster.ts'
import { needsImages, testImage } from './testing/test-images.ts'

const deadlineMs = 90_000
/** Twelve seconds of them. */
const records = 600

// Goal: a job that a tenant deploys runs in a pod, loses nothing when its pod or the control plane is lost, and leaves
// no worker behind. The control plane and the worker are what is shipped; the worker runs from its image.
needsImages('worker')('the platform on Kubernetes', () => {
  const place = new TestCluster()
  const tenant = uniqueName('tenant', '-')
  let database: FreshDatabase
  let controlPlane: ControlPlaneProcess
  let client: Client

  beforeAll(async () => {
    const { repository, tag } = testImage('worker')
    database = await freshDatabase({ migrated: false })
    const host = process.env.LIGHTFLUS_TEST_HOST ?? '127.0.0.1'
    const port = await freePort()
    const password = randomBytes(12).toString('hex')
    controlPlane = new ControlPlaneProcess(port, {
      KUBECONFIG: process.env.KUBECONFIG!,
      DATABASE_URL: database.url,
      HOST: host === '127.0.0.1' ? host : '0.0.0.0',
      LIGHTFLUS_PUBLIC_URL: `http://${host}:${port}`,
      LIGHTFLUS_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      LIGHTFLUS_PROVISIONER: 'kubernetes',
      LIGHTFLUS_PLATFORM_NAME: place.platform,
      LIGHTFLUS_WORKER_IMAGE: `${repository}:${tag}`,
      LIGHTFLUS_WORKER_EGRESS: JSON.stringify(place.config().worker.egress),
      LIGHTFLUS_CHECKPOINTS: '/checkpoints',
      LIGHTFLUS_CHECKPOINT_VOLUME_SIZE: '1Gi',
      LIGHTFLUS_PASSWORD: password,
    })
    await controlPlane.command('migrate.js', [])
    await controlPlane.command('create-tenant.js', [tenant, 'owner@example.com'])
    await controlPlane.start()
    const { url: baseUrl } = controlPlane
    const { accessToken } = await createClient({ baseUrl }).signIn({ body: { email: 'owner@example.com', password } })
    client = createClient({ baseUrl, token: () => accessToken })
  }, 2 * deadlineMs)

  afterAll(async () => {
    await controlPlane?.end('SIGTERM')
    await place.close()
    await database?.drop()
  }, deadlineMs)

  const named = (name: string) => ({ params: { name } })
  const status = async (name: string) => (await client.getJob(named(name))).deployment!.status
  const becomes = (name: string, state: string) =>
    until(async () => (await status(name)).state === state, { what: `${name} to be ${state}`, deadlineMs })
  const seen = async (name: string) => {
    const { items } = await client.listRows({ ...named(name), query: {} })
    return Object.fromEntries(items.map(({ key, row }) => [key, row.seen as number]))
  }
  const pods = () => place.cluster.pods(workersSelector(place.platform))
  const each = Object.fromEntries(countedKeys.map((key) => [key, records / countedKeys.length]))

  it(
    'a bounded job runs in a pod of its tenant to its end',
    async () => {
      await client.applyJob({
        ...named('whole'),
        body: { program: countingProgram('whole', records), deployment: { parallelism: 2 } },
      })
      await becomes('whole', 'RUNNING')
      expect((await pods()).map(({ metadata }) => metadata?.namespace)).toEqual([`lf-${tenant}`])
      await becomes('whole', 'FINISHED')
      expect(await seen('whole')).toEqual(each)
    },
    3 * deadlineMs,
  )

  it(
    'a job whose pod is lost goes on from its checkpoint, and counts nothing twice',
    async () => {
      await client.applyJob({
        ...named('torn'),
        body: { program: countingProgram('torn', records), deployment: { parallelism: 2 } },
      })
      await until(async () => (await status('torn')).lastCheckpoint !== null, { what: 'a checkpoint', deadlineMs })
      const { attempt } = await status('torn')
      const [pod] = await pods()
      const { name, namespace } = pod!.metadata!
      await place.core.deleteNamespacedPod({ name: name!, namespace: namespace!, gracePeriodSeconds: 0 })
      await becomes('torn', 'FINISHED')
      expect((await status('torn')).attempt).toBeGreaterThan(attempt)
      expect(await seen('torn')).toEqual(each)
    },
    3 * deadlineMs,
  )

  it(
    'a killed control plane leaves the worker be, and the next one finds it',
    async () => {
      await client.applyJob({ ...named('alone'), body: { program: countingProgram('alone', records), deployment: {} } })
      await becomes('alone', 'RUNNING')
      const before = (await pods()).map(({ metadata }) => metadata?.uid)
      await controlPlane.end('SIGKILL')
      await controlPlane.start()
      await becomes('alone', 'FINISHED')
      expect((await pods()).map(({ metadata }) => metadata?.uid)).toEqual(before)
      expect(await seen('alone')).toEqual(each)
      expect((await status('alone')).restarts).toBe(0)
    },
    3 * deadlineMs,
  )

  it(
    'a worker that hosts nothing any more is removed, and its token with it',
    async () => {
      const namespace = `lf-${tenant}`
      await until(async () => (await pods()).length === 0, { what: 'no worker', deadlineMs: 2 * deadlineMs })
      await until(async () => (await place.core.listNamespacedSecret({ namespace })).items.length === 0, {
        what: 'no token',
        deadlineMs,
      })
      const claims = await place.core.listNamespacedPersistentVolumeClaim({ namespace })
      expect(claims.items.map(({ status }) => status?.phase)).toEqual(['Bound'])
    },
    4 * deadlineMs,
  )
})
