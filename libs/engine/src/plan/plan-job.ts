import { LightflusError, type Graph, type GraphEdge } from '@lightflus/api'
import { keyGroupCount } from '../key-group.ts'
import type { Chain, ChainEdge, ChainOperator, PhysicalPlan } from './plan.ts'
import { validateGraph } from './validate.ts'

/**
 * Fuses the operators of a graph into chains. A chain ends where records must change subtask: at a keyed edge, unless
 * there is only one subtask, which owns every key anyway. An operator with several consumers makes the chain a tree.
 *
 * @param parallelism subtasks of every chain, 1 to {@link keyGroupCount}.
 * @throws LF_PROGRAM_GRAPH for a graph that cannot run, LF_DEPLOYMENT_OPTION for a parallelism out of bounds.
 */
export function planJob(graph: Graph, parallelism: number): PhysicalPlan {
  if (!Number.isInteger(parallelism) || parallelism < 1 || parallelism > keyGroupCount)
    throw new LightflusError(
      'LF_DEPLOYMENT_OPTION',
      `Job ${graph.job}: parallelism ${parallelism} is not a whole number from 1 to ${keyGroupCount}.`,
      { details: { job: graph.job } },
    )
  validateGraph(graph)
  const crosses = ({ exchange }: GraphEdge) => exchange === 'keyed' && parallelism > 1
  const chainOf = new Map<string, string>()
  const members = new Map<string, ChainOperator[]>()
  for (const { id, kind } of graph.operators) {
    const input = graph.edges.find(({ to }) => to === id)
    const parent = input && !crosses(input) ? input.from : undefined
    const chain = parent === undefined ? id : chainOf.get(parent)!
    chainOf.set(id, chain)
    members.set(chain, [...(members.get(chain) ?? []), { id, kind, parent }])
  }
  const edges = graph.edges.filter(crosses).map(({ from, to }): ChainEdge => ({
    id: `${from}->${to}`,
    fromChain: chainOf.get(from)!,
    fromOperator: from,
    toChain: to,
  }))
  const chains = [...members].map(([id, operators]): Chain => ({
    id,
    parallelism,
    operators,
    inputs: edges.filter(({ toChain }) => toChain === id),
    outputs: edges.filter(({ fromChain }) => fromChain === id),
  }))
  return { job: graph.job, parallelism, chains, edges }
}
