// Functions in WebAssembly: a risk score from C, in columns; the words of a comment from AssemblyScript, in bytes.
// Run it with: npx lightflus run examples/webassembly/orders-risk.ts
import { generator, job, table, wasm } from 'lightflus'
import risk from './risk.wasm'
import tokens from './tokens.wasm'

interface Order {
  readonly user: string
  readonly amount: number
  readonly items: number
  readonly comment: string
}

const comments = ['Quick delivery, please', 'A GIFT: wrap it', 'no comment', 'call 2 hours before delivery']

const orders = generator.source({
  count: 1_000,
  generate: (index, { random, time }): Order & { readonly at: number } => ({
    user: `user-${index % 7}`,
    amount: Math.round(random() * 2_000),
    items: 1 + Math.floor(random() * 5),
    comment: comments[index % comments.length]!,
    at: time,
  }),
  eventTime: ({ at }) => at,
})

const score = wasm(risk, 'risk').columns<Order, Order & { readonly risk: number }>({
  in: [({ amount }) => amount, ({ items }) => items],
  out: (order, risk) => ({ ...order, risk }),
})
const movingAverage = wasm(risk, 'ema').aggregate<Order & { readonly risk: number }>({
  size: 2,
  in: [({ risk }) => risk],
})
const words = wasm(tokens, 'tokens').records<Order, string>({
  in: ({ comment }) => comment,
  out: (bytes) => new TextDecoder().decode(bytes),
})

export default job('orders-risk', (flow) => {
  const placed = flow.source(orders, { name: 'orders' })
  placed
    .map(score, { name: 'score' })
    .keyBy(({ user }) => user)
    .aggregate({ risk: movingAverage }, { name: 'risk-by-user' })
    .sinkTo(table.sink({ key: ({ key }) => key }), { name: 'risks' })
  placed
    .flatMap(words, { name: 'words' })
    .filter((word) => word.length > 3)
    .sinkTo(table.sink({ row: (word) => ({ word }) }), { name: 'words-seen' })
})
