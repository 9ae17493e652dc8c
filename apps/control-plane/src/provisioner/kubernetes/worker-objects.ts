import { createHash } from 'node:crypto'
import type {
  V1Container,
  V1OwnerReference,
  V1PodSpec,
  V1PodTemplateSpec,
  V1Pod,
  V1Secret,
  V1Service,
  V1StatefulSet,
} from '@kubernetes/client-node'
import type { KubernetesConfig } from '../../config/kubernetes-config.ts'
import { mountedLocations, usesObjectStore } from '../checkpoint-folders.ts'
import { removeGraceMs, type WorkerSpec } from '../provisioner.ts'
import { slotNodeOptions } from '../slot-node-options.ts'
import { labels, settingsAnnotation, tenantNamespace, workerLabels, workerName } from './names.ts'
import { checkpointClaim, checkpointCredentials, workerAccount } from './tenant-objects.ts'
import { mainHeapMib, scratchMib, workerResources } from './worker-size.ts'

/** The one container of a worker's pod. */
export const workerContainer = 'worker'

/** The user of the images in deploy/Dockerfile: an id without rights anywhere. */
const userId = 10_001
/** Where the images hold the installation. */
const installation = '/app'
/** The worker's own writable folder. */
const ownFolder = '/var/lib/lightflus'
const temporaryFolder = '/tmp'
const workerCommand = [
  `${installation}/node_modules/.bin/node`,
  `--max-old-space-size=${mainHeapMib}`,
  `${installation}/apps/worker/dist/main.js`,
]
const slotOptions = slotNodeOptions({ codeFolders: [installation], ownFolder, filesFolders: [temporaryFolder] })

/** The worker itself. All else that it needs belongs to it and is removed with it. */
export function statefulSetObject(spec: WorkerSpec, config: KubernetesConfig): V1StatefulSet {
  const name = workerName(spec.workerId)
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadataOf(spec, config),
    spec: {
      serviceName: name,
      replicas: 1,
      selector: { matchLabels: { [labels.workerId]: spec.workerId } },
      // A worker that runs is left alone: what has changed holds from its next start.
      updateStrategy: { type: 'OnDelete' },
      template: podTemplate(spec, config),
    },
  }
}

/** The pod that the StatefulSet would make, to have it checked. */
export function podObject(spec: WorkerSpec, config: KubernetesConfig): V1Pod {
  const { metadata, spec: pod } = podTemplate(spec, config)
  const { name, namespace } = metadataOf(spec, config)
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: `${name}-0`, namespace }, spec: pod }
}

/** What belongs to the worker: its token, and the name under which its pod is known in the cluster. */
export function ownedObjects(
  spec: WorkerSpec,
  config: KubernetesConfig,
  owner: V1StatefulSet,
): readonly [V1Secret, V1Service] {
  const metadata = { ...metadataOf(spec, config), ownerReferences: [ownedBy(owner)] }
  const token = Buffer.from(spec.token).toString('base64')
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: { token } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { clusterIP: 'None', selector: { [labels.workerId]: spec.workerId } },
    },
  ]
}

function metadataOf(spec: WorkerSpec, { platform, namespacePrefix }: KubernetesConfig) {
  return {
    name: workerName(spec.workerId),
    namespace: tenantNamespace(namespacePrefix, spec),
    labels: workerLabels(platform, spec),
  }
}

function ownedBy({ apiVersion, kind, metadata }: V1StatefulSet): V1OwnerReference {
  return { apiVersion: apiVersion!, kind: kind!, name: metadata!.name!, uid: metadata!.uid! }
}

function podTemplate(spec: WorkerSpec, config: KubernetesConfig): V1PodTemplateSpec {
  const annotations = { [settingsAnnotation]: settingsOf(config) }
  return { metadata: { labels: workerLabels(config.platform, spec), annotations }, spec: podSpec(spec, config) }
}

/** Names the settings that workers are placed by now. */
export function settingsOf({ worker, slot }: KubernetesConfig): string {
  return createHash('sha256')
    .update(JSON.stringify([worker, slot]))
    .digest('hex')
    .slice(0, 16)
}

function podSpec(spec: WorkerSpec, config: KubernetesConfig): V1PodSpec {
  const { nodeSelector, runtimeClass } = config.worker
  return {
    serviceAccountName: workerAccount,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: Math.ceil(removeGraceMs / 1_000),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: userId,
      runAsGroup: userId,
      fsGroup: userId,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector: { ...nodeSelector } } : {}),
    ...(runtimeClass === null ? {} : { runtimeClassName: runtimeClass }),
    containers: [container(spec, config)],
    volumes: [
      { name: 'own', emptyDir: { sizeLimit: `${scratchMib}Mi` } },
      { name: 'temporary', emptyDir: { sizeLimit: `${scratchMib}Mi` } },
      ...(usesObjectStore(spec)
        ? []
        : [{ name: 'checkpoints', persistentVolumeClaim: { claimName: checkpointClaim } }]),
    ],
  }
}

function container(spec: WorkerSpec, config: KubernetesConfig): V1Container {
  const { requests, limits } = workerResources(spec, config.slot)
  const name = workerName(spec.workerId)
  return {
    name: workerContainer,
    image: config.worker.image,
    imagePullPolicy: config.worker.imagePullPolicy,
    command: [...(config.worker.command ?? workerCommand)],
    workingDir: temporaryFolder,
    env: [
      { name: 'NODE_ENV', value: 'production' },
      { name: 'HOME', value: ownFolder },
      { name: 'TMPDIR', value: temporaryFolder },
      { name: 'LIGHTFLUS_CONTROL_PLANE_URL', value: spec.controlPlaneUrl },
      { name: 'LIGHTFLUS_WORKER_ID', value: spec.workerId },
      { name: 'LIGHTFLUS_WORKER_DIR', value: ownFolder },
      { name: 'LIGHTFLUS_SLOT_NODE_OPTIONS', value: JSON.stringify(slotOptions) },
      { name: 'LIGHTFLUS_WORKER_TOKEN', valueFrom: { secretKeyRef: { name, key: 'token' } } },
    ],
    // Absent where the worker's account is known to the store by itself, as with EKS Pod Identity.
    ...(usesObjectStore(spec) ? { envFrom: [{ secretRef: { name: checkpointCredentials, optional: true } }] } : {}),
    resources: { requests: { ...requests }, limits: { ...limits } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'own', mountPath: ownFolder },
      { name: 'temporary', mountPath: temporaryFolder },
      ...mountedLocations(spec).map((mountPath) => ({ name: 'checkpoints', mountPath })),
    ],
  }
}
