import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
} from '@kubernetes/client-node'
import { uniqueName } from '@lightflus/testing/services'
import type { KubernetesConfig } from '../../../config/kubernetes-config.ts'
import { Cluster } from '../cluster.ts'
import { KubernetesProvisioner } from '../kubernetes-provisioner.ts'
import { labels } from '../names.ts'

/** Runs the stand-in for a worker without an image of our own: any image with Node will do. */
const standInCommand = [
  'node',
  '--input-type=module',
  '--eval',
  // Its slots would need it as a file; what slots may do is no matter of where the worker is placed.
  `delete process.env.LIGHTFLUS_SLOT_NODE_OPTIONS\n${readFileSync(join(import.meta.dirname, '..', '..', 'fake-worker.fixture.mjs'), 'utf8')}`,
]

type Overrides = { readonly [Part in keyof KubernetesConfig]?: Partial<KubernetesConfig[Part]> }

/** The cluster of KUBECONFIG, in which each test file has a platform of its own. */
export class TestCluster {
  readonly platform = uniqueName('test', '-')
  readonly kubeConfig = new KubeConfig()
  readonly cluster: Cluster
  readonly core: CoreV1Api
  readonly objects: KubernetesObjectApi

  constructor() {
    if (!process.env.KUBECONFIG) throw new Error('KUBECONFIG is not set: these tests need a Kubernetes cluster')
    this.kubeConfig.loadFromDefault()
    this.cluster = new Cluster(this.kubeConfig)
    this.core = this.kubeConfig.makeApiClient(CoreV1Api)
    this.objects = KubernetesObjectApi.makeApiClient(this.kubeConfig)
  }

  config(overrides: Overrides = {}): KubernetesConfig {
    const host = process.env.LIGHTFLUS_TEST_HOST ?? '127.0.0.1'
    const config: KubernetesConfig = {
      platform: this.platform,
      namespacePrefix: 'lf-',
      worker: {
        image: process.env.LIGHTFLUS_TEST_NODE_IMAGE ?? 'node:26-bookworm-slim',
        imagePullPolicy: 'IfNotPresent',
        command: standInCommand,
        egress: [{ to: [{ ipBlock: { cidr: `${host}/32` } }] }],
        nodeSelector: {},
        runtimeClass: null,
      },
      slot: { cpuRequest: 100, cpuLimit: 1_000 },
      tenant: { slotsMax: 8, workersMax: 4 },
      checkpoints: { storageClass: null, accessMode: 'ReadWriteMany', volumeSize: '1Gi' },
    }
    const merged = Object.entries(overrides).map(([part, values]) => {
      const whole = config[part as keyof KubernetesConfig]
      return [part, typeof whole === 'object' ? { ...whole, ...(values as object) } : values]
    })
    return { ...config, ...Object.fromEntries(merged) }
  }

  open(overrides: Overrides = {}, watchSeconds?: number): KubernetesProvisioner {
    const options = { cluster: this.cluster, config: this.config(overrides) }
    return new KubernetesProvisioner(watchSeconds === undefined ? options : { ...options, watchSeconds })
  }

  /** Sets fields of an object as another manager than the platform. */
  async setAs(manager: string, object: KubernetesObject): Promise<void> {
    await this.objects.patch(object, undefined, undefined, manager, true, PatchStrategy.ServerSideApply)
  }

  /** Has all namespaces of this test's tenants removed, and does not wait for it. */
  async close(): Promise<void> {
    const { items } = await this.core.listNamespace({ labelSelector: `${labels.platform}=${this.platform}` })
    await Promise.all(items.map(({ metadata }) => this.core.deleteNamespace({ name: metadata!.name! })))
  }
}
