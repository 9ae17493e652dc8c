import { LightflusError, type Graph, type GraphEdge, type OperatorNode } from '@lightflus/api'
import { keyGroupCount } from '../key-group.ts'
import { takesPartialResults } from '../operators/window/shares-slices.ts'
import type { WindowNodeOptions } from '../operators/window/window-options.ts'
import type { Chain, ChainEdge, ChainOperator, PhysicalPlan } from './plan.ts'
import { validateGraph } from './validate.ts'

/**
 * Fuses the operators of a graph into chains. A chain ends where records must change subtask: at a keyed or
 * broadcast edge, unless there is only one subtask, which has every key anyway; and where streams meet, before an
 * operator with several inputs. An operator with several consumers makes the chain a tree.
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
  const inputsOf = Map.groupBy(graph.edges, ({ to }) => to)
  // Several inputs meet at a gate, and what has to change subtask goes through one.
  const crosses = ({ to, exchange }: GraphEdge) =>
    inputsOf.get(to)!.length > 1 || (exchange !== 'forward' && parallelism > 1)
  const chainOf = new Map<string, string>()
  const members = new Map<string, ChainOperator[]>()
  for (const { id, kind, formerly } of graph.operators) {
    const [input] = inputsOf.get(id) ?? []
    const fused = input && !crosses(input) ? input : undefined
    const chain = fused === undefined ? id : chainOf.get(fused.from)!
    chainOf.set(id, chain)
    const heir = formerly ? { formerly } : {}
    const member = { id, kind, ...heir, parent: fused?.from, output: fused?.output }
    members.set(chain, [...(members.get(chain) ?? []), member])
  }
  const bounded = graph.operators.every(({ kind, options }) => kind !== 'source' || options['bounded'] === true)
  const combining = new Set(graph.operators.filter((node) => combinesBefore(node, bounded)).map(({ id }) => id))
  const edges = graph.edges.filter(crosses).map(({ from, to, output, input = 0, exchange }): ChainEdge => ({
    id: `${from}->${to}${input === 0 ? '' : `#${input}`}`,
    fromChain: chainOf.get(from)!,
    fromOperator: from,
    output,
    toChain: to,
    input,
    exchange,
    ...(combining.has(to) && { combines: true }),
  }))
  const chains = [...members].map(([id, operators]): Chain => ({
    id,
    parallelism,
    operators,
    inputs: edges.filter(({ toChain }) => toChain === id),
    outputs: edges.filter(({ fromChain }) => fromChain === id),
  }))
  return { job: graph.job, parallelism, bounded, chains, edges }
}

function combinesBefore({ kind, options }: OperatorNode, bounded: boolean): boolean {
  return kind === 'window' && takesPartialResults(options as unknown as WindowNodeOptions, bounded)
}
