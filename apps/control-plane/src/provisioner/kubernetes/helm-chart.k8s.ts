import { randomBytes } from 'node:crypto'
import {
  KubeConfig,
  type KubernetesObject,
  PatchStrategy,
  type V1ConfigMap,
  type V1Deployment,
  type V1Job,
  type V1Secret,
} from '@kubernetes/client-node'
import { createClient } from '@lightflus/contracts'
import { freePort, uniqueName, until } from '@lightflus/testing/services'
import { environmentSchema, readConfig } from '../../config/config.ts'
import { freshDatabase, type FreshDatabase } from '../../testing/fresh-database.ts'
import { Cluster } from './cluster.ts'
import { KubernetesProvisioner } from './kubernetes-provisioner.ts'
import { tenantNamespace, workersSelector } from './names.ts'
import { ControlPlaneProcess } from './testing/control-plane-process.ts'
import { countingProgram } from './testing/counting-program.ts'
import { HelmChart, type Release } from './testing/helm-chart.ts'
import { newWorker } from './testing/new-worker.ts'
import { TestCluster } from './testing/test-cluster.ts'
import { needsImages, testImage } from './testing/test-images.ts'

const deadlineMs = 90_000
const encryptionKey = randomBytes(32).toString('base64')
const minimal = { database: { url: 'postgresql://user:pass@db/lightflus' }, encryption: { encryptionKey } }
const everything = {
  ...minimal,
  replicas: 2,
  redis: { existingSecret: 'redis', key: 'url' },
  exchange: {
    kafka: 'exchange:9092',
    egress: [{ to: [{ podSelector: { matchLabels: { app: 'exchange' } } }] }],
  },
  metrics: { token: 'metrics-token' },
  migrations: { url: 'postgresql://owner:pass@db/lightflus' },
  imagePullSecrets: [{ name: 'registry' }],
  platform: { name: 'acme', namespacePrefix: 'acme-' },
  workers: {
    image: { repository: 'example.com/worker', tag: '7' },
    nodeSelector: { pool: 'jobs', disk: 'fast' },
    runtimeClass: 'gvisor',
    egress: [{ to: [{ ipBlock: { cidr: '10.1.0.0/16' } }], ports: [{ protocol: 'TCP', port: 9092 }] }],
  },
  checkpoints: { storageClass: 'files', accessMode: 'ReadWriteOnce', volumeSize: '20Gi' },
  ingress: { enabled: true, host: 'lightflus.example.com', tlsSecret: 'certificate' },
  networkPolicy: { from: [{ namespaceSelector: { matchLabels: { ingress: 'yes' } } }] },
  service: { type: 'NodePort' },
}

const kindOf = <T extends KubernetesObject>(objects: readonly KubernetesObject[], kind: string) =>
  objects.filter((object) => object.kind === kind) as T[]

// Goal: the chart is taken by a real API server, says the same as the code does, and installs a platform that works.
describe('the Helm chart', () => {
  const place = new TestCluster()
  const namespace = uniqueName('helm', '-')
  const inNamespace = (object: KubernetesObject) => ({ ...object, metadata: { namespace, ...object.metadata } })
  const release = (values: object): Release => ({ name: 'lightflus', namespace, values })
  let chart: HelmChart

  beforeAll(async () => {
    chart = await HelmChart.open()
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
    await place.core.createNamespace({ body: { metadata: { name: namespace, labels } } })
    const account = { name: 'lightflus', namespace }
    await place.setAs('test', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account })
  }, 2 * deadlineMs)
  afterAll(async () => {
    await place.core.deleteNamespace({ name: namespace })
    await place.close()
  }, deadlineMs)

  it.each([
    ['the least that has to be given', minimal],
    ['everything', everything],
  ])('is taken by the API server, and its pods by Pod Security: %s', async (_name, values) => {
    await chart.lint(values)
    const objects = await chart.render(release(values))
    for (const object of objects) {
      const isOfCluster = /^(ClusterRole|ValidatingAdmission)/.test(object.kind!)
      await place.objects.patch(
        isOfCluster ? object : inNamespace(object),
        undefined,
        'All',
        'test',
        true,
        PatchStrategy.ServerSideApply,
      )
    }
    const templates = [...kindOf<V1Deployment>(objects, 'Deployment'), ...kindOf<V1Job>(objects, 'Job')]
    expect(templates).toHaveLength(2)
    for (const { kind, spec } of templates) {
      const { metadata, spec: pod } = spec!.template!
      const name = `of-${kind!.toLowerCase()}`
      await place.cluster.check({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...metadata, name, namespace },
        spec: pod,
      } as never)
    }
  })

  it('sets the variables that the control plane reads, and no others', async () => {
    const objects = await chart.render(release(everything))
    const [settings] = kindOf<V1ConfigMap>(objects, 'ConfigMap')
    const secret = kindOf<V1Secret>(objects, 'Secret').find(({ metadata }) => metadata?.name === 'lightflus')!
    const secrets = Object.entries(secret.data!).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()])
    const config = readConfig({ ...settings!.data, ...Object.fromEntries(secrets) })
    const { worker, ...kubernetes } = config.kubernetes!
    expect(config).toMatchObject({
      databaseUrl: minimal.database.url,
      encryptionKey,
      metricsToken: 'metrics-token',
      exchange: { kind: 'kafka', options: { brokers: ['exchange:9092'] } },
      publicUrl: `http://lightflus.${namespace}.svc:4400`,
      trustedProxies: 1,
      embedded: false,
    })
    expect(kubernetes).toEqual({
      platform: 'acme',
      namespacePrefix: 'acme-',
      slot: { cpuRequest: 100, cpuLimit: 1_000 },
      tenant: { slotsMax: 64, workersMax: 64 },
      checkpoints: { storageClass: 'files', accessMode: 'ReadWriteOnce', volumeSize: '20Gi' },
    })
    const selected = {
      'app.kubernetes.io/name': 'lightflus',
      'app.kubernetes.io/instance': 'lightflus',
      'app.kubernetes.io/component': 'control-plane',
    }
    expect(worker).toEqual({
      image: 'example.com/worker:7',
      imagePullPolicy: 'IfNotPresent',
      command: null,
      nodeSelector: { pool: 'jobs', disk: 'fast' },
      runtimeClass: 'gvisor',
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
              podSelector: { matchLabels: selected },
            },
          ],
          ports: [{ protocol: 'TCP', port: 4400 }],
        },
        ...everything.workers.egress,
        ...everything.exchange.egress,
      ],
    })
    const [deployment] = kindOf<V1Deployment>(objects, 'Deployment')
    expect(deployment!.spec!.template.metadata!.labels).toMatchObject(selected)
    expect(Object.keys(settings!.data!).filter((name) => !(name in environmentSchema.shape))).toEqual([])
  })

  it('refuses values that make no platform, naming all of them', async () => {
    await expect(chart.render(release({}))).rejects.toThrow(/database\.url[^]*encryption\.encryptionKey/)
    await expect(chart.render(release({ ...minimal, replcas: 2 }))).rejects.toThrow(/replcas/)
    await expect(chart.render(release({ ...minimal, ingress: { enabled: true } }))).rejects.toThrow(/ingress\.host/)
  })

  it(
    'gives the control plane the rights it needs, and only in namespaces of tenants',
    async () => {
      const objects = await chart.render(release({ ...minimal, platform: { namespacePrefix: 'lf-' } }))
      const rights = objects.filter(({ kind }) => /^(ClusterRole|ValidatingAdmission)/.test(kind!))
      for (const object of rights) await place.setAs('test', object)
      try {
        const { status } = await place.core.createNamespacedServiceAccountToken({
          name: 'lightflus',
          namespace,
          body: { spec: { audiences: [], expirationSeconds: 3_600 } },
        })
        const account = new KubeConfig()
        account.loadFromClusterAndUser(place.kubeConfig.getCurrentCluster()!, { name: 'it', token: status!.token })
        const cluster = new Cluster(account)
        const provisioner = new KubernetesProvisioner({ cluster, config: place.config() })
        const spec = newWorker('http://127.0.0.1:1')
        await provisioner.ensureWorker(spec)
        const running = async () => (await provisioner.observe(spec))[0].presence === 'running'
        await until(running, { what: 'the worker to run', deadlineMs })
        expect((await provisioner.observe()).map(({ workerId }) => workerId)).toContain(spec.workerId)
        await provisioner.removeWorker(spec)
        await provisioner.close()

        const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x', namespace: 'default' } }
        const refusal = { code: 'LF_PROVISIONER_FORBIDDEN', message: expect.stringContaining('begin with lf-') }
        // A new policy holds once every part of the API server has heard of it.
        await until(
          async () =>
            expect(cluster.apply(secret))
              .rejects.toMatchObject(refusal)
              .then(() => true),
          {
            what: 'the policy to hold',
          },
        )
        const other = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: uniqueName('other', '-') } }
        await expect(cluster.apply(other)).rejects.toMatchObject(refusal)
        const token = { ...secret, metadata: { name: 'x', namespace: tenantNamespace('lf-', spec) } }
        await expect(cluster.read(token)).rejects.toMatchObject({ code: 'LF_PROVISIONER_FORBIDDEN' })
      } finally {
        for (const object of rights) await place.objects.delete(object)
      }
    },
    3 * deadlineMs,
  )
})

needsImages('worker', 'controlPlane')('a platform that Helm has installed', () => {
  const place = new TestCluster()
  const host = process.env.LIGHTFLUS_TEST_HOST ?? '127.0.0.1'
  const namespace = uniqueName('installed', '-')
  const tenant = uniqueName('tenant', '-')
  let database: FreshDatabase

  afterAll(async () => {
    await place.close()
    await place.core.deleteNamespace({ name: namespace }).catch(() => undefined)
    await database?.drop()
  }, deadlineMs)

  it(
    'migrates its database, answers, runs a job in a pod, is upgraded under it, and goes without taking it along',
    async () => {
      database = await freshDatabase({ migrated: false })
      const containerPort = await freePort()
      const url = `http://${host}:${containerPort}`
      const values = {
        database: { url: database.url },
        encryption: { encryptionKey },
        containerPort,
        image: testImage('controlPlane'),
        platform: { name: place.platform },
        workers: { image: testImage('worker'), controlPlaneUrl: url, egress: place.config().worker.egress },
        checkpoints: { volumeSize: '1Gi' },
        resources: { requests: { cpu: '100m', memory: '256Mi' } },
      }
      const release = { name: 'lightflus', namespace, values }
      const chart = await HelmChart.open()
      expect(await chart.install(release)).toContain(`is installed as platform ${place.platform}`)

      const commands = new ControlPlaneProcess(containerPort, {
        DATABASE_URL: database.url,
        LIGHTFLUS_PASSWORD: 'correct horse',
      })
      await commands.command('create-tenant.js', [tenant, 'owner@example.com'])
      const signIn = { body: { email: 'owner@example.com', password: 'correct horse' } }
      const { accessToken } = await createClient({ baseUrl: url }).signIn(signIn)
      const client = createClient({ baseUrl: url, token: () => accessToken })
      const named = { params: { name: 'steady' } }
      await client.applyJob({ ...named, body: { program: countingProgram('steady', null), deployment: {} } })
      const runs = async () => {
        expect((await client.getJob(named)).deployment!.status).toMatchObject({ state: 'RUNNING', error: null })
        return true
      }
      await until(runs, { what: 'the job to run', deadlineMs })
      const pods = async () =>
        (await place.cluster.pods(workersSelector(place.platform))).map(({ metadata }) => metadata!.uid)
      const before = await pods()
      expect(before).toHaveLength(1)

      await chart.install({ ...release, values: { ...values, logLevel: 'warn' } })
      await until(runs, { what: 'the job to run after the upgrade', deadlineMs })
      expect(await pods()).toEqual(before)

      await chart.uninstall(release)
      const left = await place.core.listNamespacedSecret({ namespace })
      expect(left.items).toEqual([])
      expect(await pods()).toEqual(before)
    },
    5 * deadlineMs,
  )
})
