import type { KubernetesConfig } from '../../config/kubernetes-config.ts'
import type { WorkerSpec } from '../provisioner.ts'

/** Heap of a worker's main thread: coordinator, connections to the control plane, buffered reports; MiB. */
export const mainHeapMib = 256
/** What a worker takes beside heaps: code, thread stacks, the runtime itself; MiB. */
const overheadMib = 128
/** What a slot takes beside its heap: buffers of its connectors, rings between slots, its young generation; MiB. */
const slotOverheadMib = 64
/** CPU of the main thread, thousandths of a core. */
const mainCpu = { request: 50, limit: 500 }
/** Size of each of a worker's two scratch folders, and what its node must hold for them and its log; MiB. */
export const scratchMib = 1_024
const ephemeral = { requests: '256Mi', limits: `${2 * scratchMib + 256}Mi` }

/** Resources as Kubernetes writes them. */
export interface Resources {
  readonly cpu: string
  readonly memory: string
}

export interface WorkerResources {
  readonly requests: Resources & { readonly 'ephemeral-storage': string }
  readonly limits: Resources & { readonly 'ephemeral-storage': string }
}

type Sized = Pick<WorkerSpec, 'slots' | 'slotHeapBytesMax'>

/**
 * What a worker is given, and kept to. Memory is promised in full: a node that runs short would end whichever worker
 * it likes. CPU is promised in part, since most jobs wait most of the time.
 */
export function workerResources(spec: Sized, slot: KubernetesConfig['slot']): WorkerResources {
  const total = sum(1, spec, slot)
  return {
    requests: { ...total.requests, 'ephemeral-storage': ephemeral.requests },
    limits: { ...total.limits, 'ephemeral-storage': ephemeral.limits },
  }
}

/** What all workers of a tenant may have together. */
export function tenantResources(
  { slot, tenant }: Pick<KubernetesConfig, 'slot' | 'tenant'>,
  slotHeapBytesMax: number,
): { readonly requests: Resources; readonly limits: Resources } {
  return sum(tenant.workersMax, { slots: tenant.slotsMax, slotHeapBytesMax }, slot)
}

function sum(workers: number, { slots, slotHeapBytesMax }: Sized, slot: KubernetesConfig['slot']) {
  const slotMib = Math.ceil(slotHeapBytesMax / 1_048_576) + slotOverheadMib
  const memory = `${workers * (mainHeapMib + overheadMib) + slots * slotMib}Mi`
  const cpu = (main: number, each: number) => `${workers * main + slots * each}m`
  return {
    requests: { cpu: cpu(mainCpu.request, slot.cpuRequest), memory },
    limits: { cpu: cpu(mainCpu.limit, slot.cpuLimit), memory },
  }
}
