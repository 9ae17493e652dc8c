import { LightflusError } from '../errors/lightflus-error.ts'
import type { GraphBuilder, NewEdge, NewOperator } from '../internal/graph-builder.ts'
import type { OperatorKind } from '../graph.ts'
import type { Streams } from './streams.ts'

/** The end of a stream while a graph is being built: what the next operator hangs on to. */
export interface Upstream {
  readonly builder: GraphBuilder
  /** Makes streams of what operators emit; passed along, so that the kinds of stream need not import each other. */
  readonly streams: Streams
  /** How the next operator takes the records. */
  readonly edge: NewEdge
  /** The operator whose side outputs the stream has, where that is not the one that emits it. */
  readonly sideOutputsFrom?: string
}

/** Adds an operator behind one or several streams of one graph, and gives its end. @throws LF_PROGRAM_GRAPH for streams of another job. */
export function append<Kind extends OperatorKind>(
  inputs: readonly [Upstream, ...Upstream[]],
  operator: Omit<NewOperator<Kind>, 'inputs'>,
): Upstream {
  const { builder, streams } = inputs[0]
  if (inputs.some((input) => input.builder !== builder))
    throw new LightflusError('LF_PROGRAM_GRAPH', `${operator.kind}: takes streams of one job only.`)
  return { builder, streams, edge: { from: builder.add({ ...operator, inputs: inputs.map(({ edge }) => edge) }) } }
}

/** What the operator behind this end writes to a side output. */
export function takingSideOutput(upstream: Upstream, output: string): Upstream {
  return { ...upstream, edge: { from: upstream.sideOutputsFrom ?? upstream.edge.from, output } }
}

/** The same end, taken in another way. */
export function taking(upstream: Upstream, edge: Omit<NewEdge, 'from'>): Upstream {
  return { ...upstream, edge: { ...upstream.edge, ...edge } }
}
