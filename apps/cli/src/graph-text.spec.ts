import { generator, job, sideOutput, sum, table, tumbling } from '@lightflus/api'
import { planJob } from '@lightflus/engine'
import pc from 'picocolors'
import { graphJson, graphMermaid, graphText } from './graph-text.ts'

// Goal: a person sees what is fused into one loop, and where records change subtask, by which rule.

const { graph } = job('totals', (flow) => {
  const numbers = flow.source(generator.source({ generate: (index) => index, count: 1 }), { name: 'numbers' })
  numbers.sinkTo(table.sink({ row: (n) => ({ n }) }), { name: 'all' })
  numbers
    .keyBy((n) => n % 2)
    .window(tumbling('5s'), { name: 'per-parity' })
    .aggregate({ total: sum((n) => n) })
    .sinkTo(table.sink(), { name: 'totals' })
}).build()

const { graph: meeting } = job('meeting', (flow) => {
  const orders = flow.source(generator.source({ generate: (index) => index, count: 1 }), { name: 'orders' })
  const rules = flow.source(generator.source({ generate: (index) => index, count: 1 }), { name: 'rules' })
  const odd = sideOutput<number>('odd')
  const split = orders.process({ onRecord: (n, { output }) => (n % 2 === 0 ? [n] : output(odd, n)) }, { name: 'split' })
  split.sideOutput(odd).sinkTo(table.sink({ row: (n) => ({ n }) }), { name: 'odds' })
  split
    .connect(rules.broadcast(), { onRecord: (n) => [n], onBroadcast: () => {} }, { name: 'ruled' })
    .sinkTo(table.sink({ row: (n) => ({ n }) }), { name: 'out' })
}).build()

const text = (of: typeof graph, parallelism: number) => graphText(pc.createColors(false), of, planJob(of, parallelism))

it('as trees by chain, with the exchanges that leave them', () => {
  expect(text(graph, 2)).toBe(`totals 2 chains, each with 2 subtasks

numbers source · generator · ends
  → all sink · table
  → keyBy-1 keyBy
    ⇒ combined by key per-parity

per-parity window · tumbling 5s · total
  → totals sink · table`)
})

it('as one chain where one subtask owns every key', () => {
  expect(text(graph, 1)).toBe(`totals 1 chain, each with one subtask

numbers source · generator · ends
  → all sink · table
  → keyBy-1 keyBy
    → per-parity window · tumbling 5s · total
      → totals sink · table`)
})

it('with side outputs, broadcasts and further inputs', () => {
  expect(text(meeting, 3)).toBe(`meeting 3 chains, each with 3 subtasks

orders source · generator · ends
  → split process
    → odd: odds sink · table
    ⇒ ruled

rules source · generator · ends
  ⇒ to all subtasks of ruled (input 2)

ruled connectBroadcast
  → out sink · table`)
})

it('as a Mermaid flowchart', () => {
  expect(graphMermaid(graph, planJob(graph, 2))).toBe(`flowchart LR
  subgraph c0["numbers × 2"]
    o0(["numbers<br/>source · generator · ends"])
    o1[("all<br/>sink · table")]
    o2["keyBy-1<br/>keyBy"]
  end
  subgraph c1["per-parity × 2"]
    o3["per-parity<br/>window · tumbling 5s · total"]
    o4[("totals<br/>sink · table")]
  end
  o0 --> o1
  o0 --> o2
  o2 == "combined by key" ==> o3
  o3 --> o4`)
  const drawn = graphMermaid(meeting, planJob(meeting, 2))
  expect(drawn).toContain('o2 -- "odd" --> o3')
  expect(drawn).toContain('o1 == "to all" ==> o4')
})

it('as JSON: the graph as it is, and how it runs', () => {
  expect(graphJson(meeting, planJob(meeting, 2), undefined)).toEqual({
    ...meeting,
    plan: {
      parallelism: 2,
      bounded: true,
      chains: [
        { id: 'orders', operators: ['orders', 'split', 'odds'] },
        { id: 'rules', operators: ['rules'] },
        { id: 'ruled', operators: ['ruled', 'out'] },
      ],
      exchanges: [
        { from: 'split', to: 'ruled', exchange: 'forward' },
        { from: 'rules', to: 'ruled', exchange: 'broadcast', input: 1 },
      ],
    },
  })
})

const decodings = [
  { source: 'orders', fields: ['at', 'bid.price'], wholes: [{ path: 'bid', operator: 'rows', reason: 'bid: spread' }] },
  { source: 'rules', fields: null, wholes: [{ path: '', operator: 'ruled', reason: 'its \x1b[2J are not analysed' }] },
  { source: 'ticks', fields: [], wholes: [] },
]

it('with what sources decode of their records, and why', () => {
  const told = graphText(pc.createColors(false), meeting, planJob(meeting, 2), decodings)
  expect(told.slice(told.indexOf('decoded'))).toBe(`decoded of each record
  orders at, bid.price
    all of bid, for rows: bid: spread
  rules all of it
    all of it, for ruled: its \\x1b[2J are not analysed
  ticks nothing`)
  expect(graphJson(meeting, planJob(meeting, 2), decodings)).toMatchObject({ decoded: decodings })
})
