import { randomUUID } from 'node:crypto'
import { NetworkingV1Api } from '@kubernetes/client-node'
import { until } from '@lightflus/testing/services'
import { Ears } from '../provisioner.contract.ts'
import type { KubernetesProvisioner } from './kubernetes-provisioner.ts'
import { tenantNamespace, workerName } from './names.ts'
import { newWorker } from './testing/new-worker.ts'
import { TestCluster } from './testing/test-cluster.ts'

const deadlineMs = 90_000

/** Tells what the process that a worker is may do, in the pod that it is given. */
const probing = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
const { LIGHTFLUS_CONTROL_PLANE_URL: url, LIGHTFLUS_WORKER_ID: workerId, LIGHTFLUS_WORKER_DIR: own } = process.env
const writes = (folder) => { try { writeFileSync(folder + '/probe', 'x'); return true } catch { return false } }
const slot = {
  isRoot: process.getuid() === 0,
  mayGainPrivileges: !/NoNewPrivs:\\s1/.test(readFileSync('/proc/self/status', 'utf8')),
  hasAccountToken: existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token'),
  writesRoot: writes('') || writes('/usr'),
  writesOwnFolder: writes(own),
  writesTemporaryFolder: writes(process.env.TMPDIR),
  writesCheckpoints: writes('/checkpoints/tenant'),
}
const environment = Object.keys(process.env).filter((name) => name.startsWith('LIGHTFLUS_')).toSorted()
await fetch(url, { method: 'POST', body: JSON.stringify({ what: 'started', workerId, slot, environment }) })
setInterval(() => undefined, 1000)
`

// Goal: what a tenant's namespace grants and forbids, as the cluster itself sees it.
describe('the walls around a tenant', () => {
  const place = new TestCluster()
  const ears = new Ears()
  const opened: KubernetesProvisioner[] = []
  const open = (...overrides: Parameters<TestCluster['open']>) => {
    opened.push(place.open(...overrides))
    return opened.at(-1)!
  }

  beforeAll(() => ears.open())
  afterAll(async () => {
    await Promise.all(opened.map((provisioner) => provisioner.close()))
    await place.close()
    ears.close()
  }, deadlineMs)

  it(
    'a worker is no root, writes only what is its, and holds no key to the cluster',
    async () => {
      const provisioner = open({ worker: { command: ['node', '--input-type=module', '--eval', probing] } })
      const spec = newWorker(ears.url)
      await provisioner.ensureWorker(spec)
      await until(() => ears.starts(spec).length > 0, { what: 'the worker to tell', deadlineMs })
      const [tale] = ears.starts(spec)
      expect(tale!.slot).toEqual({
        isRoot: false,
        mayGainPrivileges: false,
        hasAccountToken: false,
        writesRoot: false,
        writesOwnFolder: true,
        writesTemporaryFolder: true,
        writesCheckpoints: true,
      })
      expect(tale!.environment).toEqual(
        ['CONTROL_PLANE_URL', 'SLOT_NODE_OPTIONS', 'WORKER_DIR', 'WORKER_ID', 'WORKER_TOKEN'].map(
          (name) => `LIGHTFLUS_${name}`,
        ),
      )
      await provisioner.removeWorker(spec)
    },
    2 * deadlineMs,
  )

  it(
    'the namespace takes only pods that are restricted, and lets nothing through that is not allowed',
    async () => {
      const provisioner = open()
      const spec = newWorker(ears.url)
      await provisioner.ensureWorker(spec)
      const namespace = tenantNamespace('lf-', spec)
      const privileged = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'privileged', namespace },
        spec: { containers: [{ name: 'x', image: 'x', securityContext: { privileged: true } }] },
      }
      await expect(place.cluster.check(privileged)).rejects.toMatchObject({
        code: 'LF_PROVISIONER_FORBIDDEN',
        message: expect.stringContaining('violates PodSecurity "restricted'),
      })
      const { items } = await place.kubeConfig.makeApiClient(NetworkingV1Api).listNamespacedNetworkPolicy({ namespace })
      const policies = Object.fromEntries(items.map(({ metadata, spec: policy }) => [metadata!.name, policy]))
      expect(Object.keys(policies).toSorted()).toEqual(['allow-dns', 'allow-egress', 'default-deny'])
      expect(policies['default-deny']).toMatchObject({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
      expect(policies['default-deny']).not.toHaveProperty('egress')
      expect(policies['allow-egress']!.egress).toMatchObject(place.config().worker.egress)
      await provisioner.removeWorker(spec)
    },
    2 * deadlineMs,
  )

  it(
    'a quota refuses what is too much at once and with its reason, and nothing of it stays',
    async () => {
      const provisioner = open({ tenant: { slotsMax: 2, workersMax: 1 } })
      const first = newWorker(ears.url)
      await expect(provisioner.ensureWorker({ ...first, slots: 9 })).rejects.toMatchObject({
        code: 'LF_PROVISIONER_QUOTA',
        message: expect.stringContaining('limits.cpu'),
      })
      expect((await provisioner.observe(first))[0].presence).toBe('absent')
      await provisioner.ensureWorker(first)
      await until(() => ears.starts(first).length > 0, { what: 'the worker to start', deadlineMs })
      const second = { ...first, workerId: randomUUID() }
      await expect(provisioner.ensureWorker(second)).rejects.toMatchObject({ code: 'LF_PROVISIONER_QUOTA' })
      expect((await provisioner.observe(second))[0].presence).toBe('absent')
      await provisioner.removeWorker(first)
      await provisioner.ensureWorker(second)
      await until(() => ears.starts(second).length > 0, { what: 'the next worker to start', deadlineMs })
      await provisioner.removeWorker(second)
    },
    3 * deadlineMs,
  )

  it(
    'a removed worker takes its token and its name along, and leaves the tenant’s checkpoints',
    async () => {
      const provisioner = open()
      const spec = newWorker(ears.url)
      const namespace = tenantNamespace('lf-', spec)
      const owned = async () => {
        const [secrets, services] = await Promise.all([
          place.core.listNamespacedSecret({ namespace }),
          place.core.listNamespacedService({ namespace }),
        ])
        return [...secrets.items, ...services.items].map(({ metadata }) => metadata!.name)
      }
      await provisioner.ensureWorker(spec)
      expect(await owned()).toEqual([workerName(spec.workerId), workerName(spec.workerId)])
      await provisioner.removeWorker(spec)
      await until(async () => (await owned()).length === 0, { what: 'what it owned to be gone', deadlineMs })
      const { items } = await place.core.listNamespacedPersistentVolumeClaim({ namespace })
      expect(items.map(({ metadata }) => metadata!.name)).toEqual(['checkpoints'])
    },
    2 * deadlineMs,
  )
})
