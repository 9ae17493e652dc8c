import type { V1ConfigMap, Watch } from '@kubernetes/client-node'
import { uniqueName, until } from '@lightflus/testing/services'
import { Cluster } from './cluster.ts'
import { KubernetesProvisioner } from './kubernetes-provisioner.ts'
import { ResumingWatch } from './resuming-watch.ts'
import { newWorker } from './testing/new-worker.ts'
import { TestCluster } from './testing/test-cluster.ts'

const deadlineMs = 90_000

/** Counts the watches that were begun. */
class CountingCluster extends Cluster {
  watches = 0

  override watch(): Watch {
    this.watches++
    return super.watch()
  }
}

// Goal: changes are heard of however often a watch has ended, and when its place in the log is forgotten.
describe('a watch on a real API server', () => {
  const place = new TestCluster()
  const opened: { close(): Promise<void> }[] = []

  afterAll(async () => {
    await Promise.all(opened.map((each) => each.close()))
    await place.close()
  }, deadlineMs)

  it(
    'is resumed when it ends, and still tells of changes',
    async () => {
      const cluster = new CountingCluster(place.kubeConfig)
      const provisioner = new KubernetesProvisioner({ cluster, config: place.config(), watchSeconds: 1 })
      opened.push(provisioner)
      const changed = new Set<string>()
      provisioner.onChange(({ workerId }) => changed.add(workerId))
      await until(() => cluster.watches >= 3, { what: 'the third watch', deadlineMs })
      const spec = newWorker('http://127.0.0.1:1')
      await provisioner.ensureWorker(spec)
      await until(() => changed.has(spec.workerId), { what: 'the new pod to be told of', deadlineMs })
      const before = cluster.watches
      await until(() => cluster.watches >= before + 2, { what: 'two more watches', deadlineMs })
      changed.clear()
      await provisioner.removeWorker(spec)
      await until(() => changed.has(spec.workerId), { what: 'its end to be told of', deadlineMs })
    },
    3 * deadlineMs,
  )

  // Of ConfigMaps, which a server for tests can be told to keep no history of; any other has forgotten the beginning.
  it(
    'begins anew where the server has forgotten its place, and says so',
    async () => {
      const newest = async () =>
        (await place.core.listConfigMapForAllNamespaces({ limit: 1 })).metadata!.resourceVersion!
      const mark = uniqueName('mark', '-')
      let forgotten = true
      let gaps = 0
      const seen: (string | undefined)[] = []
      const watch = new ResumingWatch<V1ConfigMap>({
        newWatch: () => place.cluster.watch(),
        path: '/api/v1/configmaps',
        labelSelector: `mark=${mark}`,
        // Until the server has forgotten it, a watch from the beginning is an ordinary one, and ends as such.
        listVersion: async () => (forgotten ? '1' : await newest()),
        onObject: ({ metadata }) => seen.push(metadata!.name),
        onGap: () => {
          gaps++
          forgotten = gaps < 2
        },
        watchSeconds: 1,
      })
      opened.push(watch)
      await until(() => gaps >= 3, { what: 'the gap to be told', deadlineMs })
      const body = { metadata: { name: mark, labels: { mark } } }
      await place.core.createNamespacedConfigMap({ namespace: 'default', body })
      try {
        await until(() => seen.includes(mark), { what: 'the change to be told', deadlineMs })
      } finally {
        await place.core.deleteNamespacedConfigMap({ namespace: 'default', name: mark })
      }
    },
    3 * deadlineMs,
  )
})
