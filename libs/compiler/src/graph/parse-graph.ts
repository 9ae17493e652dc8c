import {
  exchanges,
  graphFormatVersion,
  operatorKinds,
  type Graph,
  type GraphEdge,
  type Json,
  type OperatorNode,
} from '@lightflus/api'

const operatorsMax = 1_000
const optionsDepthMax = 32

/**
 * The graph that a sandbox said it built, if it is one. Everything in it was chosen by the program, so every part is
 * looked at, nothing that is unknown is copied, and nothing is deep or large.
 * @throws TypeError saying what is wrong with it.
 */
export function parseGraph(value: unknown): Graph {
  const { formatVersion, job, operators, edges } = object(value, 'the graph')
  if (formatVersion !== graphFormatVersion)
    throw new TypeError(`the graph's format is ${show(formatVersion)}, not ${graphFormatVersion}`)
  const nodes = array(operators, 'operators').map(operator)
  const position = new Map(nodes.map((node, index) => [node.id, index]))
  if (nodes.length === 0) throw new TypeError('the graph has no operator')
  if (position.size !== nodes.length) throw new TypeError('two operators have one id')
  return {
    formatVersion: graphFormatVersion,
    job: text(job, 'job'),
    operators: nodes,
    edges: array(edges, 'edges').map((each) => edge(each, position)),
  }
}

function operator(value: unknown): OperatorNode {
  const { id, kind, named, formerly, connector, connection, options } = object(value, 'an operator')
  const name = text(id, 'an operator’s id')
  if (!isOneOf(operatorKinds, kind)) throw new TypeError(`operator ${name} is of kind ${show(kind)}`)
  if (typeof named !== 'boolean') throw new TypeError(`operator ${name} has no 'named'`)
  return {
    id: name,
    kind,
    named,
    ...(formerly === undefined
      ? {}
      : { formerly: array(formerly, `the former names of ${name}`).map((each) => text(each, 'a former name')) }),
    ...(connector === undefined ? {} : { connector: text(connector, 'a connector') }),
    ...(connection === undefined ? {} : { connection: text(connection, 'a connection') }),
    options: json(object(options, `the options of ${name}`), 0) as OperatorNode['options'],
  }
}

function edge(value: unknown, position: ReadonlyMap<string, number>): GraphEdge {
  const { from, to, exchange, output, input } = object(value, 'an edge')
  const start = position.get(text(from, 'an edge’s start'))
  const end = position.get(text(to, 'an edge’s end'))
  if (start === undefined || end === undefined || start >= end)
    throw new TypeError(`the edge ${show(from)} → ${show(to)} is not in the order of the operators`)
  if (!isOneOf(exchanges, exchange)) throw new TypeError(`the exchange of an edge is ${show(exchange)}`)
  if (input !== undefined && !isInputNumber(input)) throw new TypeError(`the input of an edge is ${show(input)}`)
  return {
    from: from as string,
    to: to as string,
    exchange,
    ...(output === undefined ? {} : { output: text(output, 'the output of an edge') }),
    ...(input === undefined ? {} : { input }),
  }
}

function isOneOf<T extends string>(known: readonly T[], value: unknown): value is T {
  return (known as readonly unknown[]).includes(value)
}

/** The first input goes without a number. */
function isInputNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < operatorsMax
}

/** A copy by value. `__proto__` is refused: as a key it is data here, and a prototype in the first careless copy. */
function json(value: unknown, depth: number): Json {
  if (depth > optionsDepthMax) throw new TypeError(`options are nested deeper than ${optionsDepthMax}`)
  if (value === null || typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number')
    return value
  if (Array.isArray(value)) return value.map((each) => json(each, depth + 1))
  return Object.fromEntries(
    Object.entries(object(value, 'an option')).map(([key, each]) => {
      if (key === '__proto__') throw new TypeError("an option is named '__proto__'")
      return [key, json(each, depth + 1)]
    }),
  )
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`${what} is ${show(value)}, not an object`)
  return value as Record<string, unknown>
}

function array(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${what} is ${show(value)}, not a list`)
  if (value.length > operatorsMax)
    throw new TypeError(`${what} has ${value.length} entries; at most ${operatorsMax} are allowed`)
  return value
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 200)
    throw new TypeError(`${what} is ${show(value)}, not a short text`)
  return value
}

function show(value: unknown): string {
  return typeof value === 'string'
    ? `'${value.slice(0, 80)}'`
    : value === null || value === undefined
      ? String(value)
      : typeof value
}
