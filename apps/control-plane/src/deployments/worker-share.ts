import type { Deployment, Prisma } from '../generated/client.ts'
import { activeStates } from './deployment-rows.ts'

/** How many of a deployment's slots one of its workers holds: slot i of P lies in worker floor(i × workers / P). */
export function slotsOfWorker(number: number, { parallelism, workers }: Pick<Deployment, 'parallelism' | 'workers'>) {
  const firstOf = (worker: number) => Math.ceil((worker * parallelism) / workers)
  return firstOf(number + 1) - firstOf(number)
}

/** What tells which deployments a worker hosts. */
export interface Host {
  readonly tenantId: string
  readonly id: string
  /** The deployment that it is a part of, other than the first; null: it is the only or first worker of what it hosts. */
  readonly partOf: string | null
}

/** The deployments that a worker should host now. */
export function hostedBy({ tenantId, id, partOf }: Host): Prisma.DeploymentWhereInput {
  return {
    tenantId,
    state: { in: activeStates },
    ...(partOf === null ? { workerId: id } : { id: partOf, workerId: { not: null } }),
  }
}
