import type { BuiltJob, GraphEdge, OperatorDefinition } from '@lightflus/api'
import type { FunctionUse } from './function-use.ts'
import { inputUse, ownUse, type EncodedFunction } from './operator-use.ts'
import { unionOfUses, type RecordUse } from './record-use.ts'

/** What is used of the records of a job. */
export interface JobUse {
  /** By operator: what its consumers want of the records that it emits. Side outputs are not in it. */
  readonly outputs: ReadonlyMap<string, RecordUse>
  /** By operator: what it and its consumers want of the records that it is given; of an operator of several inputs, of all. */
  readonly inputs: ReadonlyMap<string, RecordUse>
  /** By source: what is wanted of its records once they are decoded, event time and watermark included. */
  readonly sources: ReadonlyMap<string, RecordUse>
  /** By operator and name in its functions: of those functions that are analysed. */
  readonly functions: ReadonlyMap<string, ReadonlyMap<string, FunctionUse>>
}

/**
 * Goes through a job from its sinks to its sources. Whatever keeps records in its state wants all of them, so that the
 * state still serves a version of the program that looks at more; so does what nothing is known of.
 * @param encodes of a sink, the function whose results its writer takes as JSON, if it does: see `SinkWriter.encodes`.
 */
export function jobUse({ graph, operators }: BuiltJob, encodes: EncodedFunction = () => undefined): JobUse {
  const outputs = new Map<string, RecordUse>()
  const inputs = new Map<string, RecordUse>()
  const sources = new Map<string, RecordUse>()
  const functions = new Map<string, ReadonlyMap<string, FunctionUse>>()
  const edgesFrom = Map.groupBy(graph.edges, ({ from }) => from)

  for (const { id } of graph.operators) visit(id)
  return { outputs, inputs, sources, functions }

  /** Consumers come first, whatever the order of the graph. */
  function visit(id: string): void {
    if (outputs.has(id)) return
    const operator = operators.get(id)!
    const used = new Map<string, FunctionUse>()
    const edges = edgesFrom.get(id) ?? []
    for (const { to } of edges) visit(to)
    const output = wantedBy(edges.filter((edge) => edge.output === undefined))
    outputs.set(id, output)
    functions.set(id, used)
    if (operator.node.kind === 'source') sources.set(id, ownUse(operator as OperatorDefinition<'source'>, output, used))
    else inputs.set(id, inputUse(operator, { output, late: lateUse(operator, edges), used, encodes }))
  }

  function wantedBy(edges: readonly GraphEdge[]): RecordUse {
    return unionOfUses(edges.map(({ to }) => inputs.get(to)!))
  }

  /** Late records leave a window as they came. */
  function lateUse({ node }: OperatorDefinition, edges: readonly GraphEdge[]): RecordUse {
    const name = node.options['lateOutput']
    return wantedBy(edges.filter(({ output }) => output !== undefined && output === name))
  }
}
