import { describeProvisioner, type ProvisionerPlace } from '../provisioner.contract.ts'
import { tenantNamespace, workerName } from './names.ts'
import { TestCluster } from './testing/test-cluster.ts'

describeProvisioner('kubernetes', async (): Promise<ProvisionerPlace> => {
  const place = new TestCluster()
  return {
    open: async () => place.open(),
    // As the loss of its node would: the pod is gone at once.
    kill: async (spec) => {
      const name = `${workerName(spec.workerId)}-0`
      await place.core.deleteNamespacedPod({
        name,
        namespace: tenantNamespace('lf-', spec),
        gracePeriodSeconds: 0,
      })
    },
    checkpointLocations: ['/checkpoints/tenant'],
    close: () => place.close(),
  }
})
