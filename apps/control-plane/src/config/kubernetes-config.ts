import type { V1NetworkPolicyPeer, V1NetworkPolicyPort } from '@kubernetes/client-node'
import { z } from 'zod'

const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
const size = z.string().regex(/^[1-9]\d*(Mi|Gi|Ti)$/, 'a size such as 10Gi')
const label = /^([a-z0-9.-]+\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?=([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/

/** Text that has to be JSON of a form. */
const json = <T extends z.ZodType>(form: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' })
        return z.NEVER
      }
    })
    .pipe(form)

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** One rule as a NetworkPolicy has it. What it may hold is left to the cluster, which refuses what it does not know. */
const egressRule = z.strictObject({
  to: z.array(z.custom<V1NetworkPolicyPeer>(isObject)).min(1),
  ports: z.array(z.custom<V1NetworkPolicyPort>(isObject)).optional(),
})
export type EgressRule = z.output<typeof egressRule>

/** The part of the environment that counts when LIGHTFLUS_PROVISIONER is `kubernetes`; the Helm chart sets all of it. */
export const kubernetesVariables = {
  LIGHTFLUS_PLATFORM_NAME: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits, hyphens and dots; 63 at most')
    .default('lightflus')
    .describe('On Kubernetes: tells this platform’s objects from those of others in the cluster.'),
  LIGHTFLUS_NAMESPACE_PREFIX: z
    .string()
    .regex(/^[a-z]([a-z0-9-]{0,29})$/, 'lower-case letters, digits and hyphens; 30 at most')
    .default('lf-')
    .describe('On Kubernetes: start of the name of each tenant’s namespace.'),
  LIGHTFLUS_WORKER_IMAGE: z
    .string()
    .min(1)
    .optional()
    .describe('On Kubernetes, needed there: image of the worker, of the same release as the control plane.'),
  LIGHTFLUS_WORKER_IMAGE_PULL_POLICY: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .default('IfNotPresent')
    .describe('On Kubernetes: when nodes fetch the worker’s image.'),
  LIGHTFLUS_WORKER_COMMAND: json(z.array(z.string()).min(1))
    .optional()
    .describe('On Kubernetes: JSON array that replaces the command by which the worker’s image is started.'),
  LIGHTFLUS_WORKER_EGRESS: json(z.array(egressRule))
    .optional()
    .describe(
      'On Kubernetes, needed there: JSON array of NetworkPolicy egress rules, which say where workers may connect to beside DNS: the control plane and the tenants’ data systems.',
    ),
  LIGHTFLUS_WORKER_NODE_SELECTOR: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
    .pipe(z.array(z.string().regex(label, 'label=value')))
    .default([])
    .describe('On Kubernetes: labels of the nodes that workers may run on, such as `pool=jobs,disk=fast`.'),
  LIGHTFLUS_WORKER_RUNTIME_CLASS: z
    .string()
    .min(1)
    .optional()
    .describe(
      'On Kubernetes: RuntimeClass of workers, such as a sandbox (gVisor, Kata) for programs that nobody vouches for.',
    ),
  LIGHTFLUS_SLOT_CPU_REQUEST: count(1, 64_000)
    .default(100)
    .describe('On Kubernetes: CPU that a slot is promised, thousandths of a core.'),
  LIGHTFLUS_SLOT_CPU_LIMIT: count(1, 64_000)
    .default(1_000)
    .describe('On Kubernetes: CPU that a slot may use, thousandths of a core.'),
  LIGHTFLUS_TENANT_SLOTS_MAX: count(1, 100_000)
    .default(64)
    .describe(
      'On Kubernetes: slots that the resource quota of a tenant’s namespace has room for. At least the slots of the largest tenant.',
    ),
  LIGHTFLUS_TENANT_WORKERS_MAX: count(1, 10_000)
    .default(64)
    .describe('On Kubernetes: workers that the resource quota of a tenant’s namespace has room for.'),
  LIGHTFLUS_CHECKPOINT_STORAGE_CLASS: z
    .string()
    .min(1)
    .optional()
    .describe(
      'On Kubernetes: storage class of the volume of a tenant’s checkpoints. Default: the cluster’s default class.',
    ),
  LIGHTFLUS_CHECKPOINT_ACCESS_MODE: z
    .enum(['ReadWriteMany', 'ReadWriteOnce'])
    .default('ReadWriteMany')
    .describe('On Kubernetes: ReadWriteOnce does where all workers of a tenant run on one node.'),
  LIGHTFLUS_CHECKPOINT_VOLUME_SIZE: size
    .default('10Gi')
    .describe('On Kubernetes: size of that volume when it is made.'),
} as const

type Values = z.output<z.ZodObject<typeof kubernetesVariables>>

/** How workers are placed in a cluster. */
export interface KubernetesConfig {
  readonly platform: string
  readonly namespacePrefix: string
  readonly worker: {
    readonly image: string
    readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never'
    /** Null: the command of this platform's own image. */
    readonly command: readonly string[] | null
    readonly egress: readonly EgressRule[]
    readonly nodeSelector: Readonly<Record<string, string>>
    readonly runtimeClass: string | null
  }
  /** Thousandths of a core. */
  readonly slot: { readonly cpuRequest: number; readonly cpuLimit: number }
  readonly tenant: { readonly slotsMax: number; readonly workersMax: number }
  readonly checkpoints: {
    /** Null: the cluster's default class. */
    readonly storageClass: string | null
    readonly accessMode: 'ReadWriteMany' | 'ReadWriteOnce'
    readonly volumeSize: string
  }
}

/** What is missing or contradicts itself, as `VARIABLE: what`. */
export function kubernetesProblems(values: Values): string[] {
  const problems: string[] = []
  for (const name of ['LIGHTFLUS_WORKER_IMAGE', 'LIGHTFLUS_WORKER_EGRESS'] as const)
    if (values[name] === undefined) problems.push(`${name}: needed when LIGHTFLUS_PROVISIONER is kubernetes`)
  if (values.LIGHTFLUS_SLOT_CPU_REQUEST > values.LIGHTFLUS_SLOT_CPU_LIMIT)
    problems.push('LIGHTFLUS_SLOT_CPU_REQUEST: more than LIGHTFLUS_SLOT_CPU_LIMIT')
  return problems
}

/** Of values in which {@link kubernetesProblems} finds nothing. */
export function kubernetesConfig(values: Values): KubernetesConfig {
  return {
    platform: values.LIGHTFLUS_PLATFORM_NAME,
    namespacePrefix: values.LIGHTFLUS_NAMESPACE_PREFIX,
    worker: {
      image: values.LIGHTFLUS_WORKER_IMAGE!,
      imagePullPolicy: values.LIGHTFLUS_WORKER_IMAGE_PULL_POLICY,
      command: values.LIGHTFLUS_WORKER_COMMAND ?? null,
      egress: values.LIGHTFLUS_WORKER_EGRESS!,
      nodeSelector: Object.fromEntries(values.LIGHTFLUS_WORKER_NODE_SELECTOR.map((pair) => pair.split('='))),
      runtimeClass: values.LIGHTFLUS_WORKER_RUNTIME_CLASS ?? null,
    },
    slot: { cpuRequest: values.LIGHTFLUS_SLOT_CPU_REQUEST, cpuLimit: values.LIGHTFLUS_SLOT_CPU_LIMIT },
    tenant: { slotsMax: values.LIGHTFLUS_TENANT_SLOTS_MAX, workersMax: values.LIGHTFLUS_TENANT_WORKERS_MAX },
    checkpoints: {
      storageClass: values.LIGHTFLUS_CHECKPOINT_STORAGE_CLASS ?? null,
      accessMode: values.LIGHTFLUS_CHECKPOINT_ACCESS_MODE,
      volumeSize: values.LIGHTFLUS_CHECKPOINT_VOLUME_SIZE,
    },
  }
}
