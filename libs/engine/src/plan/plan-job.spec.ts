import {
  count,
  job,
  sideOutput,
  type Flow,
  type Graph,
  type GraphEdge,
  type OperatorKind,
  type OperatorNode,
} from '@lightflus/api'
import { planJob } from './plan-job.ts'
import { subtasksOf } from './plan.ts'
import { listSink, listSource } from '../testing/list-job.ts'

/** One source with two branches, one of them keyed twice over, and three sinks. */
const branched = (flow: Flow) => {
  const numbers = flow.source(listSource<number>(), { name: 'numbers' })
  numbers.filter((n) => n > 0, { name: 'positive' }).sinkTo(listSink(), { name: 'plain' })
  const keyed = numbers.map((n) => n + 1, { name: 'more' }).keyBy((n) => n % 3, { name: 'by-three' })
  keyed.aggregate({ n: count() }, { name: 'counts' }).sinkTo(listSink(), { name: 'counted' })
  keyed
    .reduce((a, b) => a + b, { name: 'sums' })
    .keyBy(({ value }) => value, { name: 'by-sum' })
    .aggregate({ n: count() }, { name: 'sum-counts' })
    .sinkTo(listSink(), { name: 'summed' })
}
const { graph } = job('branched', branched).build()

/** `source > map, filter > sink`: operators of a chain in order, each with its parent. */
const drawn = (parallelism: number) =>
  planJob(graph, parallelism).chains.map(({ id, operators, inputs, outputs }) => ({
    id,
    operators: operators
      .map((operator) => (operator.parent ? `${operator.parent}>${operator.id}` : operator.id))
      .join(' '),
    inputs: inputs.map((edge) => edge.id),
    outputs: outputs.map((edge) => edge.id),
  }))

test('a chain goes on until records must change subtask, through every branch', () => {
  expect(drawn(2)).toEqual([
    {
      id: 'numbers',
      operators: 'numbers numbers>positive positive>plain numbers>more more>by-three',
      inputs: [],
      outputs: ['by-three->counts', 'by-three->sums'],
    },
    { id: 'counts', operators: 'counts counts>counted', inputs: ['by-three->counts'], outputs: [] },
    { id: 'sums', operators: 'sums sums>by-sum', inputs: ['by-three->sums'], outputs: ['by-sum->sum-counts'] },
    { id: 'sum-counts', operators: 'sum-counts sum-counts>summed', inputs: ['by-sum->sum-counts'], outputs: [] },
  ])
  const keyed = { output: undefined, input: 0, exchange: 'keyed' }
  expect(planJob(graph, 2).edges).toEqual([
    { id: 'by-three->counts', fromChain: 'numbers', fromOperator: 'by-three', toChain: 'counts', ...keyed },
    { id: 'by-three->sums', fromChain: 'numbers', fromOperator: 'by-three', toChain: 'sums', ...keyed },
    { id: 'by-sum->sum-counts', fromChain: 'sums', fromOperator: 'by-sum', toChain: 'sum-counts', ...keyed },
  ])
  expect(subtasksOf(planJob(graph, 2)).slice(0, 3)).toEqual([
    { chain: 'numbers', index: 0 },
    { chain: 'numbers', index: 1 },
    { chain: 'counts', index: 0 },
  ])
})

test('one subtask owns every key: the whole job is one chain', () => {
  expect(drawn(1)).toEqual([
    {
      id: 'numbers',
      operators:
        'numbers numbers>positive positive>plain numbers>more more>by-three by-three>counts counts>counted ' +
        'by-three>sums sums>by-sum by-sum>sum-counts sum-counts>summed',
      inputs: [],
      outputs: [],
    },
  ])
})

test('streams meet at a gate, also where there is only one subtask; a side output may feed the same chain', () => {
  const { graph: meeting } = job('meeting', (flow) => {
    const left = flow.source(listSource<number>(), { name: 'left' })
    const rules = flow.source(listSource<number>(), { name: 'rules' })
    const odd = sideOutput<number>('odd')
    const split = left.process({ onRecord: (n, { output }) => (n % 2 === 0 ? [n] : output(odd, n)) }, { name: 'split' })
    split.sideOutput(odd).sinkTo(listSink(), { name: 'odds' })
    split
      .union(rules)
      .connect(rules.broadcast(), { onRecord: (n) => [n], onBroadcast: () => [] }, { name: 'ruled' })
      .sinkTo(listSink(), { name: 'out' })
  }).build()
  for (const parallelism of [1, 3]) {
    const { chains, edges } = planJob(meeting, parallelism)
    expect(chains.map(({ operators }) => operators.map(({ id, output }) => (output ? `${id}:${output}` : id)))).toEqual(
      [['left', 'split', 'odds:odd'], ['rules'], ['union-1'], ['ruled', 'out']],
    )
    expect(edges.map(({ id, exchange }) => `${id} ${exchange}`)).toEqual([
      'split->union-1 forward',
      'rules->union-1#1 forward',
      'union-1->ruled forward',
      'rules->ruled#1 broadcast',
    ])
  }
})

test.each([0, -1, 1.5, NaN, 129])('a parallelism of %p is refused', (parallelism) => {
  expect(() => planJob(graph, parallelism)).toThrow(
    expect.objectContaining({ code: 'LF_DEPLOYMENT_OPTION', message: expect.stringContaining('from 1 to 128') }),
  )
})

const node = (id: string, kind: OperatorKind): OperatorNode => ({ id, kind, named: true, options: {} })
const edge = (from: string, to: string, exchange: GraphEdge['exchange'] = 'forward'): GraphEdge => ({
  from,
  to,
  exchange,
})
const graphOf = (operators: OperatorNode[], edges: GraphEdge[]): Graph => ({
  formatVersion: 1,
  job: 'bad',
  operators,
  edges,
})

test.each<[string, Graph, string]>([
  ['no source', graphOf([], []), 'there is no source'],
  [
    'two of one name',
    graphOf([node('a', 'source'), node('b', 'sink'), node('b', 'sink')], [edge('a', 'b')]),
    "two operators are named 'b'",
  ],
  ['a loose end', graphOf([node('a', 'source')], []), "nothing takes what source 'a' emits"],
  [
    'an unfed operator and an edge from nowhere',
    graphOf([node('a', 'source'), node('b', 'sink'), node('c', 'sink')], [edge('a', 'b'), edge('x', 'c')]),
    "an edge names 'x', which is no operator",
  ],
  [
    'an operator without input',
    graphOf([node('a', 'source'), node('b', 'sink'), node('c', 'sink')], [edge('a', 'b')]),
    "sink 'c' has 0 inputs, it takes 1",
  ],
  [
    'two inputs',
    graphOf([node('a', 'source'), node('b', 'source'), node('c', 'sink')], [edge('a', 'c'), edge('b', 'c')]),
    "sink 'c' has 2 inputs, it takes 1",
  ],
  [
    'a sink that feeds',
    graphOf([node('a', 'source'), node('b', 'sink'), node('c', 'sink')], [edge('a', 'b'), edge('b', 'c')]),
    "sink 'b' has an output",
  ],
  [
    'an edge backwards',
    graphOf([node('b', 'sink'), node('a', 'source')], [edge('a', 'b')]),
    "'b' stands before 'a', which feeds it",
  ],
  [
    'keyed without keyBy',
    graphOf([node('a', 'source'), node('b', 'sink')], [edge('a', 'b', 'keyed')]),
    "the edge from 'a' to 'b' is keyed: keyed edges leave a keyBy, and no others do",
  ],
  [
    'state without keys',
    graphOf([node('a', 'source'), node('b', 'reduce'), node('c', 'sink')], [edge('a', 'b'), edge('b', 'c')]),
    "reduce 'b' has state by key but no keyed input",
  ],
  [
    'a process function with keys behind a stream without',
    graphOf(
      [node('a', 'source'), { ...node('b', 'process'), options: { keyed: true } }, node('c', 'sink')],
      [edge('a', 'b'), edge('b', 'c')],
    ),
    "process 'b' and its input do not agree on whether there are keys",
  ],
  [
    'a broadcast input that reaches one subtask only',
    graphOf([node('a', 'source'), node('b', 'connectBroadcast')], [edge('a', 'b'), { ...edge('a', 'b'), input: 1 }]),
    "the second input of connectBroadcast 'b' is not broadcast",
  ],
])('%s is refused', (_what, bad, problem) => {
  expect(() => planJob(bad, 1)).toThrow(
    expect.objectContaining({ code: 'LF_PROGRAM_GRAPH', message: expect.stringContaining(problem) }),
  )
})

test('all problems are told at once', () => {
  const bad = graphOf([node('a', 'source'), node('a', 'sink'), node('b', 'map')], [edge('a', 'z')])
  expect(() => planJob({ ...bad, formatVersion: 2 as 1 }, 1)).toThrow(
    expect.objectContaining({
      details: {
        job: 'bad',
        problems: expect.arrayContaining([
          'the graph has format 2, known is 1',
          "two operators are named 'a'",
          "map 'b' has 0 inputs, it takes 1",
          "nothing takes what map 'b' emits",
          "an edge names 'z', which is no operator",
        ]),
      },
    }),
  )
})
