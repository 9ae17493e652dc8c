import { randomUUID } from 'node:crypto'
import { KubeConfig } from '@kubernetes/client-node'
import { freePort, until } from '@lightflus/testing/services'
import { Ears } from '../provisioner.contract.ts'
import type { WorkerSpec } from '../provisioner.ts'
import { Cluster } from './cluster.ts'
import { KubernetesProvisioner } from './kubernetes-provisioner.ts'
import { tenantNamespace, workerName } from './names.ts'
import { newWorker } from './testing/new-worker.ts'
import { TestCluster } from './testing/test-cluster.ts'

const deadlineMs = 90_000

// Goal: whatever keeps a worker from running is told in words, and what belongs to others is left alone.
describe('trouble with a cluster', () => {
  const place = new TestCluster()
  const ears = new Ears()
  const opened: KubernetesProvisioner[] = []
  const open = (...overrides: Parameters<TestCluster['open']>) => {
    opened.push(place.open(...overrides))
    return opened.at(-1)!
  }
  const openOn = (kubeConfig: KubeConfig) => {
    opened.push(new KubernetesProvisioner({ cluster: new Cluster(kubeConfig), config: place.config() }))
    return opened.at(-1)!
  }
  /** Waits until the provisioner says this of a worker. */
  const says = (provisioner: KubernetesProvisioner, spec: WorkerSpec, presence: string, detail: RegExp) =>
    until(
      async () => {
        const [seen] = await provisioner.observe(spec)
        expect(seen).toMatchObject({ presence, detail: expect.stringMatching(detail) })
        return true
      },
      { what: `${presence}: ${detail.source}`, deadlineMs },
    )

  beforeAll(() => ears.open())
  afterAll(async () => {
    await Promise.all(opened.map((provisioner) => provisioner.close()))
    await place.close()
    ears.close()
  }, deadlineMs)

  it(
    'an image that is not there is told, and once the setting is mended the worker starts',
    async () => {
      const wrong = open({ worker: { image: 'lightflus.invalid/no-such-image:1' } })
      const spec = newWorker(ears.url)
      await wrong.ensureWorker(spec)
      await says(wrong, spec, 'starting', /^(ErrImagePull|ImagePullBackOff)/)
      const right = open()
      await says(right, spec, 'ended', /settings are others by now$/)
      await right.ensureWorker(spec)
      await until(() => ears.starts(spec).length > 0, { what: 'the worker to start', deadlineMs })
      await right.removeWorker(spec)
    },
    3 * deadlineMs,
  )

  it(
    'a pod that fits on no node, and a volume that nobody provides',
    async () => {
      const nowhere = open({ worker: { nodeSelector: { 'lightflus.dev/no-such-node': 'true' } } })
      const spec = newWorker(ears.url)
      await nowhere.ensureWorker(spec)
      await says(nowhere, spec, 'starting', /^Unschedulable: /)
      await says(open(), spec, 'ended', /^Unschedulable: .*settings are others by now$/)
      await nowhere.removeWorker(spec)
      expect((await nowhere.observe(spec))[0].presence).toBe('absent')

      const unprovided = open({ checkpoints: { storageClass: 'no-such-class' } })
      const other = newWorker(ears.url)
      await unprovided.ensureWorker(other)
      await says(unprovided, other, 'starting', /PersistentVolumeClaim/)
      await unprovided.removeWorker(other)
    },
    3 * deadlineMs,
  )

  it(
    'a worker that ends by itself, with its exit code; asked for again, it starts at once in a new pod',
    async () => {
      const provisioner = open()
      const spec = newWorker(ears.url, { token: `frail-${randomUUID()}` })
      const podUid = async () => {
        const [pod] = await place.cluster.pods(`lightflus.dev/worker-id=${spec.workerId}`)
        return pod?.metadata?.uid
      }
      await provisioner.ensureWorker(spec)
      await says(provisioner, spec, 'ended', /^exit code 3$/)
      const before = await podUid()
      await until(
        async () => {
          if ((await provisioner.observe(spec))[0].presence === 'ended') await provisioner.ensureWorker(spec)
          const now = await podUid()
          return now !== undefined && now !== before
        },
        { what: 'another pod', deadlineMs },
      )
      await provisioner.removeWorker(spec)
    },
    3 * deadlineMs,
  )

  it(
    'a field that somebody else has set is reported and left as it is',
    async () => {
      const provisioner = open()
      const spec = newWorker(ears.url)
      const name = { name: workerName(spec.workerId), namespace: tenantNamespace('lf-', spec) }
      await provisioner.ensureWorker(spec)
      const scaled = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: name, spec: { replicas: 0 } }
      await place.setAs('somebody', scaled as never)
      await expect(provisioner.ensureWorker(spec)).rejects.toMatchObject({
        code: 'LF_PROVISIONER_CONFLICT',
        message: expect.stringMatching(/\.spec\.replicas: conflict with "somebody"/),
      })
      expect(await place.cluster.read(scaled)).toMatchObject({ spec: { replicas: 0 } })
      await provisioner.removeWorker(spec)
    },
    2 * deadlineMs,
  )

  it('a namespace that belongs to somebody else is not touched', async () => {
    const provisioner = open()
    const spec = newWorker(ears.url)
    const name = tenantNamespace('lf-', spec)
    await place.core.createNamespace({ body: { metadata: { name } } })
    try {
      await expect(provisioner.ensureWorker(spec)).rejects.toMatchObject({
        code: 'LF_PROVISIONER_CONFLICT',
        message: expect.stringContaining(`namespace ${name} does not belong to platform ${place.platform}`),
      })
      expect((await place.core.listNamespacedResourceQuota({ namespace: name })).items).toEqual([])
    } finally {
      await place.core.deleteNamespace({ name })
    }
    const tenant = newWorker(ears.url)
    await provisioner.ensureWorker(tenant)
    await expect(provisioner.ensureWorker({ ...tenant, tenantId: randomUUID() })).rejects.toMatchObject({
      code: 'LF_PROVISIONER_CONFLICT',
      message: expect.stringContaining('belongs to another tenant'),
    })
    await provisioner.removeWorker(tenant)
  })

  it('an account without rights, and a cluster that does not answer', async () => {
    const account = { name: `powerless-${place.platform}`, namespace: 'default' }
    await place.core.createNamespacedServiceAccount({ namespace: 'default', body: { metadata: account } })
    const { status } = await place.core.createNamespacedServiceAccountToken({
      ...account,
      body: { spec: { audiences: [], expirationSeconds: 600 } },
    })
    const server = place.kubeConfig.getCurrentCluster()!
    const powerless = new KubeConfig()
    powerless.loadFromClusterAndUser(server, { name: 'powerless', token: status!.token })
    const spec = newWorker(ears.url)
    try {
      await expect(openOn(powerless).ensureWorker(spec)).rejects.toMatchObject({ code: 'LF_PROVISIONER_FORBIDDEN' })
    } finally {
      await place.core.deleteNamespacedServiceAccount(account)
    }
    const gone = new KubeConfig()
    gone.loadFromClusterAndUser({ ...server, server: `https://127.0.0.1:${await freePort()}` }, { name: 'nobody' })
    await expect(openOn(gone).observe()).rejects.toMatchObject({
      code: 'LF_PROVISIONER_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})
