import type { Graph, OperatorNode } from '@lightflus/api'
import type { Colors } from './printer.ts'

/** A graph as an indented tree: what each operator is, and below it what it feeds. */
export function graphText(colors: Colors, graph: Graph): string {
  const told = new Set<string>()
  const lines: string[] = [colors.bold(graph.job)]
  const tell = (id: string, exchange: string, depth: number): void => {
    const node = graph.operators.find((operator) => operator.id === id)!
    const again = told.has(id)
    const keyed = exchange === 'keyed' ? colors.cyan('by key ') : ''
    lines.push(
      `${'  '.repeat(depth)}${depth === 0 ? '' : '→ '}${keyed}${colors.green(id)} ${colors.dim(again ? '(see above)' : describe(node))}`,
    )
    if (again) return
    told.add(id)
    for (const edge of graph.edges) if (edge.from === id) tell(edge.to, edge.exchange, depth + 1)
  }
  for (const node of graph.operators) if (!graph.edges.some(({ to }) => to === node.id)) tell(node.id, 'forward', 0)
  return lines.join('\n')
}

/** The same as a Mermaid flowchart, which many Markdown readers draw. */
export function graphMermaid(graph: Graph): string {
  const number = new Map(graph.operators.map(({ id }, index) => [id, `o${index}`]))
  const nodes = graph.operators.map((node) => {
    const [open, close] = node.kind === 'source' ? ['([', '])'] : node.kind === 'sink' ? ['[(', ')]'] : ['[', ']']
    return `  ${number.get(node.id)}${open}"${escaped(node.id)}<br/>${escaped(describe(node))}"${close}`
  })
  const edges = graph.edges.map(
    ({ from, to, exchange }) =>
      `  ${number.get(from)} ${exchange === 'keyed' ? '-- by key -->' : '-->'} ${number.get(to)}`,
  )
  return ['flowchart LR', ...nodes, ...edges].join('\n')
}

function describe({ kind, connector, connection, options }: OperatorNode): string {
  const windower = options.windower as { kind?: string; sizeMs?: number } | undefined
  return [
    kind,
    ...(connector ? [connection ? `${connector} at ${connection}` : connector] : []),
    ...(windower?.kind && windower.sizeMs !== undefined ? [`${windower.kind} ${windower.sizeMs / 1_000}s`] : []),
    ...(Array.isArray(options.aggregates) ? [options.aggregates.join(', ')] : []),
  ].join(' · ')
}

const escaped = (text: string): string => text.replaceAll('"', '&quot;')
