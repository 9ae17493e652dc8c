import type { V1Pod, Watch } from '@kubernetes/client-node'
import { until } from '@lightflus/testing/services'
import { Cluster } from './cluster.ts'
import { KubernetesProvisioner } from './kubernetes-provisioner.ts'
import { tenantNamespace, workersSelector } from './names.ts'
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

  afterAll(() => place.close(), deadlineMs)

  it(
    'is resumed when it ends, and still tells of changes',
    async () => {
      const cluster = new CountingCluster(place.kubeConfig)
      const provisioner = new KubernetesProvisioner({ cluster, config: place.config(), watchSeconds: 1 })
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
      await provisioner.close()
    },
    3 * deadlineMs,
  )

  it(
    'begins anew where the server has forgotten its place, and says so',
    async () => {
      const labelSelector = workersSelector(place.platform)
      // The first place is one that no running server remembers.
      const versions = ['1']
      let gaps = 0
      const seen: V1Pod[] = []
      const watch = new ResumingWatch<V1Pod>({
        newWatch: () => place.cluster.watch(),
        path: '/api/v1/pods',
        labelSelector,
        listVersion: async () => versions.shift() ?? (await place.cluster.podsVersion(labelSelector)),
        onObject: (pod) => seen.push(pod),
        onGap: () => gaps++,
        watchSeconds: 2,
      })
      await until(() => gaps >= 2, { what: 'the gap to be told', deadlineMs })
      const provisioner = place.open()
      const spec = newWorker('http://127.0.0.1:1')
      await provisioner.ensureWorker(spec)
      const namespace = tenantNamespace('lf-', spec)
      await until(() => seen.some(({ metadata }) => metadata?.namespace === namespace), { what: 'the pod', deadlineMs })
      await watch.close()
      await provisioner.removeWorker(spec)
      await provisioner.close()
    },
    3 * deadlineMs,
  )
})
