import {
  AppsV1Api,
  CoreV1Api,
  createConfiguration,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  type Middleware,
  PatchStrategy,
  ServerConfiguration,
  type V1Pod,
  type V1StatefulSet,
  Watch,
} from '@kubernetes/client-node'
import { LightflusError } from '@lightflus/api'
import { clusterError, statusCodeOf } from './cluster-error.ts'
import { fieldManager } from './names.ts'

/** An object by its place, without its content. */
export interface ObjectName {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

export interface Removal {
  /** `Foreground`: what it owns goes first, itself last. Default `Background`. */
  readonly propagation?: 'Foreground' | 'Background'
  /** Time that a pod gets to end by itself, whole seconds; 0 forgets it without waiting for its node. Default: its own. */
  readonly graceSeconds?: number
  /** Only if it is still this very object and not another of the same name. */
  readonly uid?: string
}

/** How long one call may take, milliseconds. The server itself gives up after 60 s, and the reconciler tries again. */
const callMsMax = 20_000

/** The few calls on the API server that the provisioner makes; each failure has its LF_PROVISIONER_… code. */
export class Cluster {
  readonly #config: KubeConfig
  readonly #core: CoreV1Api
  readonly #apps: AppsV1Api
  readonly #objects: KubernetesObjectApi

  /**
   * In a pod by its service account, elsewhere by KUBECONFIG or ~/.kube/config.
   * @throws LF_CONFIG_INVALID when none of them names a cluster
   */
  static fromEnvironment(): Cluster {
    const config = new KubeConfig()
    try {
      config.loadFromDefault()
      return new Cluster(config)
    } catch (cause) {
      throw new LightflusError(
        'LF_CONFIG_INVALID',
        `There is no cluster to place workers in: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause, nextStep: 'Set KUBECONFIG to a file that names one, or run the control plane in the cluster.' },
      )
    }
  }

  constructor(config: KubeConfig) {
    const server = config.getCurrentCluster()?.server
    if (!server) throw new Error('KUBECONFIG names no current cluster')
    this.#config = config
    const deadline: Middleware = {
      pre: async (context) => {
        context.setSignal(AbortSignal.timeout(callMsMax))
        return context
      },
      post: async (context) => context,
    }
    const configuration = createConfiguration({
      baseServer: new ServerConfiguration(server, {}),
      authMethods: { default: config },
      promiseMiddleware: [deadline],
    })
    this.#core = new CoreV1Api(configuration)
    this.#apps = new AppsV1Api(configuration)
    this.#objects = new KubernetesObjectApi(configuration)
  }

  /**
   * Server-side apply: makes the object, or sets the fields that it names. A field that somebody else has set to
   * another value is left as it is.
   * @throws LF_PROVISIONER_CONFLICT naming such fields and who set them
   */
  async apply<T extends KubernetesObject>(object: T): Promise<T> {
    return call(`apply ${described(object)}`, () =>
      this.#objects.patch(object, undefined, undefined, fieldManager, false, PatchStrategy.ServerSideApply),
    )
  }

  /** Has the server check an object as if it were to be made: its form, Pod Security, quotas. Nothing is made. */
  async check(object: KubernetesObject): Promise<void> {
    await call(`place ${described(object)}`, () => this.#objects.create(object, undefined, 'All', fieldManager))
  }

  /** Null where it does not exist. */
  async read<T extends KubernetesObject>(name: ObjectName): Promise<T | null> {
    return unlessMissing(async () => (await call(`read ${described(name)}`, () => this.#objects.read(name))) as T)
  }

  /** Asks for an object to be removed. One that is gone, or that is another by now, is fine. */
  async remove(name: ObjectName, { propagation = 'Background', graceSeconds, uid }: Removal = {}): Promise<void> {
    const body = uid === undefined ? undefined : { preconditions: { uid } }
    const removal = () => this.#objects.delete(name, undefined, undefined, graceSeconds, undefined, propagation, body)
    try {
      await unlessMissing(() => call(`remove ${described(name)}`, removal))
    } catch (error) {
      if (uid === undefined || statusCodeOf(error) !== 409) throw error
    }
  }

  async statefulSets(labelSelector: string): Promise<readonly V1StatefulSet[]> {
    const list = () => this.#apps.listStatefulSetForAllNamespaces({ labelSelector })
    return (await call('list the workers', list)).items
  }

  async pods(labelSelector: string): Promise<readonly V1Pod[]> {
    return (await call('list the pods of workers', () => this.#core.listPodForAllNamespaces({ labelSelector }))).items
  }

  /** The newest warning about an object, in words; null where there is none. */
  async warning(namespace: string, uid: string): Promise<string | null> {
    const fieldSelector = `involvedObject.uid=${uid},type=Warning`
    const list = () => this.#core.listNamespacedEvent({ namespace, fieldSelector })
    const { items } = await call(`read the events of namespace ${namespace}`, list)
    const newest = items.toSorted((a, b) => eventTime(a) - eventTime(b)).at(-1)
    return newest ? [newest.reason, newest.message].filter(Boolean).join(': ') : null
  }

  /** Where a watch of pods begins that misses nothing after now. */
  async podsVersion(labelSelector: string): Promise<string> {
    const list = () => this.#core.listPodForAllNamespaces({ labelSelector, limit: 1 })
    return (await call('list the pods of workers', list)).metadata?.resourceVersion ?? ''
  }

  watch(): Watch {
    return new Watch(this.#config)
  }
}

function eventTime(event: { lastTimestamp?: Date; eventTime?: Date; firstTimestamp?: Date }): number {
  return new Date(event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? 0).getTime()
}

function described({ kind, metadata }: { kind?: string; metadata?: { name?: string; namespace?: string } }): string {
  return `${kind} ${[metadata?.namespace, metadata?.name].filter(Boolean).join('/')}`
}

async function call<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (thrown) {
    throw clusterError(what, thrown)
  }
}

async function unlessMissing<T>(act: () => Promise<T>): Promise<T | null> {
  try {
    return await act()
  } catch (error) {
    if (statusCodeOf(error) === 404) return null
    throw error
  }
}
