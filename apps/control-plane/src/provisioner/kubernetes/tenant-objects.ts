import type {
  KubernetesObject,
  V1LimitRange,
  V1Namespace,
  V1NetworkPolicy,
  V1PersistentVolumeClaim,
  V1PodDisruptionBudget,
  V1ResourceQuota,
  V1ServiceAccount,
} from '@kubernetes/client-node'
import type { KubernetesConfig } from '../../config/kubernetes-config.ts'
import type { WorkerSpec } from '../provisioner.ts'
import { labels, tenantLabels, tenantNamespace } from './names.ts'
import { tenantResources } from './worker-size.ts'

/** The account that workers run under. It has no rights, and its token is given to none of them. */
export const workerAccount = 'lightflus-worker'
/** The claim that holds all checkpoints of a tenant; it outlives every worker. */
export const checkpointClaim = 'checkpoints'
/** Made by whoever runs the platform, in the tenant's namespace: AWS_… variables, limited to the tenant's prefix. */
export const checkpointCredentials = 'checkpoint-credentials'

type Tenant = Pick<WorkerSpec, 'tenantId' | 'tenantName' | 'slotHeapBytesMax'>

/**
 * A tenant's namespace and what bounds it: how much its pods may take, whom they may talk to, how many of them may be
 * moved at once. Everything else is built inside these walls. In the order in which they have to be made.
 */
export function tenantObjects(tenant: Tenant, config: KubernetesConfig): readonly KubernetesObject[] {
  return [
    namespace(tenant, config),
    serviceAccount(tenant, config),
    resourceQuota(tenant, config),
    limitRange(tenant, config),
    ...networkPolicies(tenant, config),
    disruptionBudget(tenant, config),
  ]
}

/** Made once and then left alone: most of it cannot be changed afterwards, and its size is for its owner to raise. */
export function checkpointClaimObject(tenant: Tenant, config: KubernetesConfig): V1PersistentVolumeClaim {
  const { storageClass, accessMode, volumeSize } = config.checkpoints
  return {
    ...header(tenant, config, 'v1', 'PersistentVolumeClaim', checkpointClaim),
    spec: {
      accessModes: [accessMode],
      resources: { requests: { storage: volumeSize } },
      ...(storageClass === null ? {} : { storageClassName: storageClass }),
    },
  }
}

function namespace(tenant: Tenant, config: KubernetesConfig): V1Namespace {
  const security = ['enforce', 'warn', 'audit'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted'])
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: tenantNamespace(config.namespacePrefix, tenant),
      labels: { ...tenantLabels(config.platform, tenant), ...Object.fromEntries(security) },
    },
  }
}

function serviceAccount(tenant: Tenant, config: KubernetesConfig): V1ServiceAccount {
  return { ...header(tenant, config, 'v1', 'ServiceAccount', workerAccount), automountServiceAccountToken: false }
}

/** Holds also when the platform's own counting fails: what is not listed here, a tenant cannot have at all. */
function resourceQuota(tenant: Tenant, config: KubernetesConfig): V1ResourceQuota {
  const { requests, limits } = tenantResources(config, tenant.slotHeapBytesMax)
  const workers = String(config.tenant.workersMax)
  return {
    ...header(tenant, config, 'v1', 'ResourceQuota', 'tenant'),
    spec: {
      hard: {
        'count/statefulsets.apps': workers,
        pods: workers,
        'requests.cpu': requests.cpu,
        'requests.memory': requests.memory,
        'limits.cpu': limits.cpu,
        'limits.memory': limits.memory,
        persistentvolumeclaims: '1',
        'services.nodeports': '0',
        'services.loadbalancers': '0',
      },
    },
  }
}

/** For pods that somebody else puts here: they too are bounded. Workers state all of it themselves. */
function limitRange(tenant: Tenant, config: KubernetesConfig): V1LimitRange {
  const container = {
    type: 'Container',
    _default: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '1Gi' },
    defaultRequest: { cpu: '50m', memory: '256Mi', 'ephemeral-storage': '64Mi' },
  }
  return { ...header(tenant, config, 'v1', 'LimitRange', 'tenant'), spec: { limits: [container] } }
}

/** Nothing comes in. Out go DNS and what the platform's operator allows: the control plane and data systems. */
function networkPolicies(tenant: Tenant, config: KubernetesConfig): readonly V1NetworkPolicy[] {
  const policy = (name: string, policyTypes: string[], egress?: NonNullable<V1NetworkPolicy['spec']>['egress']) => ({
    ...header(tenant, config, 'networking.k8s.io/v1', 'NetworkPolicy', name),
    spec: { podSelector: {}, policyTypes, ...(egress ? { egress } : {}) },
  })
  return [
    policy('default-deny', ['Ingress', 'Egress']),
    policy('allow-dns', ['Egress'], [{ to: dnsServers, ports: ['UDP', 'TCP'].map(port53) }]),
    policy('allow-egress', ['Egress'], [...config.worker.egress]),
  ]
}

const port53 = (protocol: string) => ({ protocol, port: 53 })

/** The cluster's own, and the address at which nodes cache it. */
const dnsServers = [
  {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
  },
  { ipBlock: { cidr: '169.254.20.10/32' } },
]

/**
 * For all workers of a tenant together: when nodes are drained, they are moved one after the other. A budget for each
 * would either forbid to move its one pod at all or say nothing.
 */
function disruptionBudget(tenant: Tenant, config: KubernetesConfig): V1PodDisruptionBudget {
  return {
    ...header(tenant, config, 'policy/v1', 'PodDisruptionBudget', 'workers'),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: { [labels.name]: 'lightflus-worker' } },
      // One that crashes again and again must not hold up a drain.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  }
}

function header(tenant: Tenant, config: KubernetesConfig, apiVersion: string, kind: string, name: string) {
  const namespace = tenantNamespace(config.namespacePrefix, tenant)
  return { apiVersion, kind, metadata: { name, namespace, labels: tenantLabels(config.platform, tenant) } }
}
