import type { BuiltJob } from '@lightflus/api'
import type { ChainEdge } from '../plan/plan.ts'
import type { Demand } from './demand.ts'
import { jobUse } from './job-use.ts'

/** What the receiver of an edge, and all after it, want of the values that cross it; their keys cross beside them. */
export function edgeDemands(job: BuiltJob): (edge: ChainEdge) => Demand {
  const { inputs } = jobUse(job)
  return ({ toChain }) => inputs.get(toChain)!.demand
}
