import { count, generator, job, max, sum, table } from 'lightflus'
import { z } from 'zod'

const Order = z.object({ user: z.string(), amount: z.number() })
export type Order = z.infer<typeof Order>

/** Orders of nothing are mistakes. */
export const isPaid = (order: Order): boolean => order.amount > 0

/** The i-th order of a made-up shop, as JSON: always the same one, so that a test knows what to expect. */
export const makeOrder = (index: number): string => JSON.stringify({ user: `user-${index % 5}`, amount: index % 10 })

/** How much every user has spent. */
export default job('my-job', (flow) => {
  flow
    // Ten thousand orders as fast as they are read. For a stream that never ends: perSecond in place of count.
    .source(generator.source({ generate: makeOrder, count: 10_000, value: Order }), { name: 'orders' })
    .filter(isPaid, { name: 'paid' })
    .keyBy((order) => order.user)
    .aggregate(
      { orders: count(), spent: sum((order) => order.amount), largest: max((order) => order.amount) },
      { name: 'per-user' },
    )
    .sinkTo(
      table.sink({
        key: ({ key }) => key,
        row: ({ key, orders, spent, largest }) => ({ user: key, orders, spent, largest }),
      }),
      { name: 'spent' },
    )
})
