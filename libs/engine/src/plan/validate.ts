import { graphFormatVersion, LightflusError, type Graph, type OperatorKind } from '@lightflus/api'

/** Which operators have state that belongs to keys, so that keyed edges must reach them; `maybe`: where their options say so. */
const stateByKey: { readonly [Kind in OperatorKind]: 'always' | 'maybe' | 'never' } = {
  source: 'never',
  map: 'never',
  flatMap: 'never',
  filter: 'never',
  keyBy: 'never',
  reduce: 'always',
  aggregate: 'always',
  window: 'always',
  union: 'never',
  process: 'maybe',
  connect: 'always',
  connectBroadcast: 'maybe',
  mapAsync: 'never',
  lookup: 'never',
  sample: 'never',
  throttle: 'never',
  deduplicate: 'always',
  distinctUntilChanged: 'always',
  topN: 'always',
  windowJoin: 'always',
  intervalJoin: 'always',
  join: 'always',
  temporalJoin: 'always',
  changes: 'never',
  assignTimestamps: 'never',
  sink: 'never',
}
/** Least and most inputs, where it is not one. */
const inputCounts: { readonly [Kind in OperatorKind]?: readonly [number, number] } = {
  source: [0, 0],
  union: [2, Infinity],
  connect: [2, 2],
  connectBroadcast: [2, 2],
  windowJoin: [2, 2],
  intervalJoin: [2, 2],
  join: [2, 2],
  temporalJoin: [2, 2],
}

/**
 * Refuses a graph that cannot run.
 * @throws LF_PROGRAM_GRAPH with every problem found, not only the first.
 */
export function validateGraph(graph: Graph): void {
  const problems = [...formatProblems(graph), ...operatorProblems(graph), ...edgeProblems(graph)]
  if (problems.length === 0) return
  throw new LightflusError('LF_PROGRAM_GRAPH', `Job ${graph.job}: ${problems.join('; ')}.`, {
    details: { job: graph.job, problems },
  })
}

function formatProblems(graph: Graph): string[] {
  const problems: string[] = []
  if (graph.formatVersion !== graphFormatVersion)
    problems.push(`the graph has format ${String(graph.formatVersion)}, known is ${graphFormatVersion}`)
  if (!graph.operators.some(({ kind }) => kind === 'source')) problems.push('there is no source')
  return problems
}

function operatorProblems(graph: Graph): string[] {
  const problems: string[] = []
  const seen = new Set<string>()
  for (const { id, kind, options } of graph.operators) {
    if (seen.has(id)) problems.push(`two operators are named '${id}'`)
    seen.add(id)
    const inputs = graph.edges.filter(({ to }) => to === id)
    const outputs = graph.edges.filter(({ from }) => from === id)
    const [least, most] = inputCounts[kind] ?? [1, 1]
    if (inputs.length < least || inputs.length > most)
      problems.push(`${kind} '${id}' has ${inputs.length} inputs, it takes ${least}${most > least ? ' or more' : ''}`)
    if (inputs.some(({ input = 0 }, index) => input !== index))
      problems.push(`the inputs of ${kind} '${id}' are not numbered in their order`)
    if (kind === 'sink' && outputs.length > 0) problems.push(`sink '${id}' has an output`)
    if (kind !== 'sink' && outputs.length === 0) problems.push(`nothing takes what ${kind} '${id}' emits`)
    if (stateByKey[kind] === 'always' && inputs.some(({ exchange }) => exchange !== 'keyed'))
      problems.push(`${kind} '${id}' has state by key but no keyed input`)
    if (stateByKey[kind] === 'maybe' && (options['keyed'] === true) !== (inputs[0]?.exchange === 'keyed'))
      problems.push(`${kind} '${id}' and its input do not agree on whether there are keys`)
    if (kind === 'connectBroadcast' && inputs[1]?.exchange !== 'broadcast')
      problems.push(`the second input of ${kind} '${id}' is not broadcast`)
  }
  return problems
}

function edgeProblems(graph: Graph): string[] {
  const problems: string[] = []
  const position = new Map(graph.operators.map(({ id }, index) => [id, index]))
  const kindOf = new Map(graph.operators.map(({ id, kind }) => [id, kind]))
  for (const { from, to, exchange } of graph.edges) {
    const missing = [from, to].filter((id) => !position.has(id))
    if (missing.length > 0) {
      problems.push(`an edge names '${missing.join("', '")}', which is no operator`)
      continue
    }
    // An edge backwards is also how a cycle shows.
    if (position.get(from)! >= position.get(to)!) problems.push(`'${to}' stands before '${from}', which feeds it`)
    if ((kindOf.get(from) === 'keyBy') !== (exchange === 'keyed'))
      problems.push(`the edge from '${from}' to '${to}' is ${exchange}: keyed edges leave a keyBy, and no others do`)
    if (exchange === 'broadcast' && kindOf.get(to) !== 'connectBroadcast')
      problems.push(`the edge from '${from}' to '${to}' is broadcast, which ${kindOf.get(to)} does not take`)
  }
  return problems
}
