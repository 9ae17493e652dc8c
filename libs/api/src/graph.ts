/** The version of the graph's JSON form. A reader refuses one that it does not know. */
export const graphFormatVersion = 1

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** What kinds of operator a graph may hold; each is one file in libs/engine/src/operators. */
export const operatorKinds = [
  'source',
  'map',
  'flatMap',
  'filter',
  'keyBy',
  'reduce',
  'aggregate',
  'window',
  'union',
  'process',
  'connect',
  'connectBroadcast',
  'mapAsync',
  'lookup',
  'sample',
  'throttle',
  'deduplicate',
  'distinctUntilChanged',
  'topN',
  'windowJoin',
  'intervalJoin',
  'join',
  'temporalJoin',
  'changes',
  'assignTimestamps',
  'sink',
] as const
export type OperatorKind = (typeof operatorKinds)[number]

/** An operator as data. Its closures stand beside it, in {@link OperatorDefinition}. */
export interface OperatorNode {
  /** Unique in the graph: the given name, or kind and position (`map-2`). Identity for state across versions. */
  readonly id: string
  readonly kind: OperatorKind
  /** True when the program gave the name; a stateful operator without one is a warning at check. */
  readonly named: boolean
  /** Names under which former versions kept its state; absent: none. No other operator has or claims one of them. */
  readonly formerly?: readonly string[]
  /** For sources and sinks: which connector (`kafka`), and the named connection it needs, if any. */
  readonly connector?: string
  readonly connection?: string
  /** Options, resolved and JSON: sizes in milliseconds, windower, onError … never a closure, never a secret. */
  readonly options: { readonly [key: string]: Json }
}

/**
 * `keyed`: records go to the subtask that owns their key's group. `forward`: to the subtask of the same number.
 * `broadcast`: every subtask gets every record.
 */
export const exchanges = ['forward', 'keyed', 'broadcast'] as const
export type Exchange = (typeof exchanges)[number]

export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly exchange: Exchange
  /** Name of the side output of `from` that is taken; absent: what it emits. */
  readonly output?: string
  /** Which input of `to` this is, where it has several: 0 is the stream that the method was called on. Absent: 0. */
  readonly input?: number
}

/** The graph of a job: plain, versioned JSON. Operators are in topological order. */
export interface Graph {
  readonly formatVersion: typeof graphFormatVersion
  readonly job: string
  readonly operators: readonly OperatorNode[]
  readonly edges: readonly GraphEdge[]
}

/** The one text of a graph that hashes are taken of: keys sorted, no blanks. */
export function canonicalGraph(graph: Graph): string {
  return JSON.stringify(graph, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}
