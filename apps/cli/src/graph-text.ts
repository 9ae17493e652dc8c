import type { Graph, GraphEdge, OperatorNode } from '@lightflus/api'
import { describeOperator } from '@lightflus/contracts'
import type { Chain, ChainEdge, PhysicalPlan, SourceDecoding } from '@lightflus/engine'
import type { Colors } from './printer.ts'
import { visibleText } from './visible-text.ts'

/**
 * A graph by its chains: each is one loop, told as a tree of what each operator feeds; below an operator stand the
 * exchanges by which its records go on to other chains. Behind them, what the sources of JSON decode.
 */
export function graphText(
  colors: Colors,
  graph: Graph,
  plan: PhysicalPlan,
  decodings: readonly SourceDecoding[] = [],
): string {
  const nodes = new Map(graph.operators.map((node) => [node.id, node]))
  const { chains, parallelism } = plan
  const parts = `${chains.length} ${chains.length === 1 ? 'chain' : 'chains'}`
  const head = `${colors.bold(graph.job)} ${colors.dim(`${parts}, each with ${subtasks(parallelism)}`)}`
  const decoded = decodings.length === 0 ? [] : ['', ...decodedText(colors, decodings)]
  return [head, ...chains.flatMap((chain) => ['', ...chainText(colors, nodes, chain)]), ...decoded].join('\n')
}

function decodedText(colors: Colors, decodings: readonly SourceDecoding[]): string[] {
  return [
    colors.bold('decoded of each record'),
    ...decodings.flatMap(({ source, fields, wholes }) => [
      `  ${colors.green(source)} ${fields === null ? 'all of it' : visibleText(fields.join(', ')) || 'nothing'}`,
      ...wholes.map(({ path, operator, reason }) => {
        const what = path === '' ? 'all of it' : `all of ${path}`
        return colors.dim(visibleText(`    ${what}, for ${operator}: ${reason}`))
      }),
    ]),
  ]
}

const subtasks = (parallelism: number): string => (parallelism === 1 ? 'one subtask' : `${parallelism} subtasks`)

function chainText(colors: Colors, nodes: ReadonlyMap<string, OperatorNode>, chain: Chain): string[] {
  const lines: string[] = []
  const tell = (id: string, output: string | undefined, depth: number): void => {
    const arrow = depth === 0 ? '' : `→ ${output === undefined ? '' : colors.cyan(`${output}: `)}`
    lines.push(`${'  '.repeat(depth)}${arrow}${colors.green(id)} ${colors.dim(wordsOf(nodes.get(id)!))}`)
    for (const child of chain.operators) if (child.parent === id) tell(child.id, child.output, depth + 1)
    for (const { fromOperator, toChain, input, ...edge } of chain.outputs) {
      if (fromOperator !== id) continue
      const to = `${colors.green(toChain)}${input === 0 ? '' : colors.dim(` (input ${input + 1})`)}`
      lines.push(`${'  '.repeat(depth + 1)}⇒ ${colors.cyan([...labelsOf(edge), ''].join(' '))}${to}`)
    }
  }
  tell(chain.id, undefined, 0)
  return lines
}

const exchangeWords = { forward: undefined, keyed: 'by key', broadcast: 'to all subtasks of' } as const

/** Which records take an edge, and how: nothing where they simply go on. */
function labelsOf({ output, exchange, combines }: Pick<ChainEdge, 'output' | 'exchange' | 'combines'>): string[] {
  const words = [output && `${output}:`, combines && 'combined', exchangeWords[exchange]]
  return words.filter((part) => part !== undefined)
}

function wordsOf(node: OperatorNode): string {
  return [node.kind, ...describeOperator(node)].join(' · ')
}

/** The same as a Mermaid flowchart, which many Markdown readers draw: chains are boxes, exchanges thick arrows. */
export function graphMermaid(graph: Graph, plan: PhysicalPlan): string {
  const number = new Map(graph.operators.map(({ id }, index) => [id, `o${index}`]))
  const nodes = new Map(graph.operators.map((node) => [node.id, node]))
  const chains = plan.chains.flatMap(({ id, operators }, index) => [
    `  subgraph c${index}["${escaped(id)} × ${plan.parallelism}"]`,
    ...operators.map((operator) => `    ${number.get(operator.id)}${boxOf(nodes.get(operator.id)!)}`),
    '  end',
  ])
  const exchanged = new Map(
    plan.edges.map((edge) => [`${edge.fromOperator} ${edge.toChain} ${edge.input}`, edge] as const),
  )
  const edges = graph.edges.map((edge) => {
    const exchange = exchanged.get(`${edge.from} ${edge.to} ${edge.input ?? 0}`)
    const line = exchange ? '==' : '--'
    const labels = mermaidLabels(edge, exchange?.combines)
    const arrow = labels === '' ? `${line}>` : `${line} "${escaped(labels)}" ${line}>`
    return `  ${number.get(edge.from)} ${arrow} ${number.get(edge.to)}`
  })
  return ['flowchart LR', ...chains, ...edges].join('\n')
}

const mermaidExchanges = { forward: undefined, keyed: 'by key', broadcast: 'to all' } as const

function mermaidLabels({ output, exchange }: GraphEdge, combines: true | undefined): string {
  const how = mermaidExchanges[exchange]
  return [output, combines ? `combined ${how}` : how].filter((part) => part !== undefined).join(', ')
}

function boxOf(node: OperatorNode): string {
  const [open, close] = node.kind === 'source' ? ['([', '])'] : node.kind === 'sink' ? ['[(', ')]'] : ['[', ']']
  return `${open}"${escaped(node.id)}<br/>${escaped(wordsOf(node))}"${close}`
}

/** The graph as it is, and beside it how it runs: see docs/reference/graph.md. */
export function graphJson(
  graph: Graph,
  { parallelism, bounded, chains, edges }: PhysicalPlan,
  decodings: readonly SourceDecoding[] | undefined,
): object {
  return {
    ...graph,
    plan: {
      parallelism,
      bounded,
      chains: chains.map(({ id, operators }) => ({ id, operators: operators.map((operator) => operator.id) })),
      exchanges: edges.map(({ fromOperator, toChain, exchange, combines, output, input }) => ({
        from: fromOperator,
        to: toChain,
        exchange,
        ...(combines && { combines }),
        ...(output === undefined ? {} : { output }),
        ...(input === 0 ? {} : { input }),
      })),
    },
    ...(decodings && { decoded: decodings }),
  }
}

const escaped = (text: string): string => text.replaceAll('"', '&quot;')
