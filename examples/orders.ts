import { count, job, kafka, max, mysql, sum, tumbling } from 'lightflus'
import { z } from 'zod'

const Order = z.object({ id: z.string(), user: z.string(), amount: z.number(), at: z.iso.datetime() })

/** What every user spends a minute: from a Kafka topic into a MySQL table, and the large ones back to Kafka. */
export default job('orders', (flow) => {
  const spent = flow
    .source(
      kafka.source({
        connection: 'kafka',
        topic: 'orders',
        value: Order,
        eventTime: (order) => Date.parse(order.at),
        outOfOrderness: '5s',
        idleness: '1s',
      }),
      { name: 'orders', onError: 'skip' },
    )
    .filter((order) => order.amount > 0, { name: 'paid' })
    .keyBy((order) => order.user)
    .window(tumbling('1m'), { name: 'per-minute', allowedLateness: '10m' })
    .aggregate({ orders: count(), spent: sum((order) => order.amount), largest: max((order) => order.amount) })

  spent.sinkTo(
    mysql.sink({
      connection: 'mysql',
      table: 'spent_per_minute',
      row: ({ key, window, orders, spent }) => ({ user: key, minute: new Date(window.start), orders, spent }),
    }),
    { name: 'mysql' },
  )
  spent
    .filter(({ spent }) => spent >= 100, { name: 'large' })
    .sinkTo(
      kafka.sink({ connection: 'kafka', topic: 'large-spenders', key: ({ key }) => key, value: (result) => result }),
      { name: 'kafka' },
    )
})
