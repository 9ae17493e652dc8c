import { avg, count, generator, job, shopEvents, sum, table, tumbling } from 'lightflus'
import { z } from 'zod'

const Event = z.object({
  type: z.enum(['click', 'order']),
  user: z.string(),
  item: z.string(),
  amount: z.number(),
  at: z.iso.datetime(),
})

/** A made-up shop, live: revenue by item in windows of five seconds, and the busiest users so far. */
export default job('shop-live', (flow) => {
  const events = flow.source(
    generator.source({
      generate: shopEvents(),
      perSecond: 500,
      value: Event,
      eventTime: (event) => Date.parse(event.at),
      outOfOrderness: '4s',
    }),
    { name: 'shop', onError: 'skip' },
  )

  events
    .filter((event) => event.type === 'order', { name: 'orders' })
    .keyBy((event) => event.item)
    .window(tumbling('5s'), { name: 'revenue-per-item' })
    .aggregate({ orders: count(), revenue: sum((event) => event.amount), average: avg((event) => event.amount) })
    .sinkTo(
      table.sink({
        key: ({ key }) => key,
        row: ({ key, window, orders, revenue, average }) => ({
          item: key,
          'until (UTC)': new Date(window.end).toISOString().slice(11, 19),
          orders,
          revenue: Math.round(revenue * 100) / 100,
          average: Math.round(average * 100) / 100,
        }),
      }),
      { name: 'revenue' },
    )

  events
    .keyBy((event) => event.user)
    .aggregate({ events: count(), spent: sum((event) => event.amount) }, { name: 'per-user' })
    .filter(({ events }) => events % 10 === 0, { name: 'every-tenth' })
    .sinkTo(
      table.sink({
        key: ({ key }) => key,
        row: ({ key, events, spent }) => ({ user: key, events, spent: Math.round(spent * 100) / 100 }),
        rowsMax: 20,
      }),
      { name: 'busiest-users' },
    )
})
