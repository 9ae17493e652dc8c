import { generator, job, sum, table, tumbling } from '@lightflus/api'
import pc from 'picocolors'
import { graphMermaid, graphText } from './graph-text.ts'

// Goal: a person sees what feeds what, once, with keys and windows.

const { graph } = job('totals', (flow) => {
  const numbers = flow.source(generator.source({ generate: (index) => index, count: 1 }), { name: 'numbers' })
  numbers.sinkTo(table.sink({ row: (n) => ({ n }) }), { name: 'all' })
  numbers
    .keyBy((n) => n % 2)
    .window(tumbling('5s'), { name: 'per-parity' })
    .aggregate({ total: sum((n) => n) })
    .sinkTo(table.sink(), { name: 'totals' })
}).build()

it('as a tree', () => {
  expect(graphText(pc.createColors(false), graph)).toBe(`totals
numbers source · generator
  → all sink · table
  → keyBy-1 keyBy
    → by key per-parity window · tumbling 5s · total
      → totals sink · table`)
})

it('as a Mermaid flowchart', () => {
  expect(graphMermaid(graph)).toBe(`flowchart LR
  o0(["numbers<br/>source · generator"])
  o1[("all<br/>sink · table")]
  o2["keyBy-1<br/>keyBy"]
  o3["per-parity<br/>window · tumbling 5s · total"]
  o4[("totals<br/>sink · table")]
  o0 --> o1
  o0 --> o2
  o2 -- by key --> o3
  o3 --> o4`)
})
