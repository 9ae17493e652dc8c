import { parseArgs } from 'node:util'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { dateTimeText } from '../nexmark/events.ts'
import { deliveryOf, startQuery } from './start-query.ts'
import { clientOf, createTopic, eachValue, partitionCount, withAdmin } from './topics.ts'

/**
 * `npm run bench -- latency --bootstrap HOST:PORT [--rate 10000] [--seconds 20] [--checkpoints 1s] [--delivery exactly-once]
 * [--floor]`: how long a bid
 * takes from its producer through query 1 to a consumer. Every bid carries the time at which it was due, so that a producer
 * that is held up counts; a tick is 5 ms, which is in the figures. With `--floor` there is no query: the consumer reads what the producer wrote.
 */
const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string' },
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '20' },
    checkpoints: { type: 'string', default: '1s' },
    delivery: { type: 'string', default: 'at-least-once' },
    floor: { type: 'boolean', default: false },
  },
})
if (values.bootstrap === undefined) throw new Error('Say where a broker is: --bootstrap localhost:9092')
const { bootstrap, floor } = values
const tickMs = 5
const warmUpMs = 5_000
const measuredMs = Number(values.seconds) * 1_000
const kafka = clientOf(bootstrap)
const input = `latency-in-${Date.now()}`
const output = floor ? input : `latency-out-${Date.now()}`

function bid(n: number, dateTime: string): string {
  const [auction, bidder, price] = [1_000 + (n % 997), 1_000 + (n % 101), 1_000 + (n % 100_000)]
  const url = 'https://www.nexmark.com/abcde/fghij/item.htm?query=1&channel_id=1234567'
  return `{"event_type":2,"person":null,"auction":null,"bid":{"auction":${auction},"bidder":${bidder},"price":${price},"channel":"Google","url":"${url}","dateTime":"${dateTime}","extra":"${'x'.repeat(68)}"}}`
}

async function produce(beginMs: number): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  const perTick = (Number(values.rate) * tickMs) / 1_000
  const ticks = Math.ceil((warmUpMs + measuredMs) / tickMs)
  const sending = new Set<Promise<unknown>>()
  for (let tick = 0, n = 0; tick < ticks; tick++) {
    const due = beginMs + tick * tickMs
    await pause(Math.max(0, due - Date.now()))
    const dateTime = dateTimeText(due)
    const messages = []
    for (; n < (tick + 1) * perTick; n++)
      messages.push({ value: bid(n, dateTime), partition: Math.floor(n / 10) % partitionCount })
    const sent = producer.send({ topic: input, messages, acks: 1 }).finally(() => sending.delete(sent))
    sending.add(sent)
  }
  await Promise.all(sending)
  await producer.disconnect()
}

await createTopic(kafka, input)
if (!floor) await createTopic(kafka, output)
const job = floor
  ? undefined
  : await startQuery({
      query: 'q1',
      ...{
        bootstrap,
        input,
        output,
        bounded: false,
        slots: '1',
        checkpointInterval: values.checkpoints,
        delivery: deliveryOf(values.delivery),
      },
    })
const beginMs = Date.now() + 3_000
const consumer = new Worker(new URL('./latency-consumer.ts', import.meta.url), {
  workerData: { bootstrap, topic: output, from: beginMs + warmUpMs, to: beginMs + warmUpMs + measuredMs },
})
const measured = new Promise((resolve, reject) => consumer.once('message', resolve).once('error', reject))
await produce(beginMs)
console.log(JSON.stringify({ rate: Number(values.rate), floor, ...((await measured) as object) }))
job?.child.kill('SIGINT')
await job?.ended
await consumer.terminate()
const countOf = (topic: string): Promise<number> => eachValue(kafka, topic, () => undefined)
const missing = floor ? 0 : (await countOf(input)) - (await countOf(output))
if (missing !== 0) throw new Error(`${missing} bids have no result: ${job?.printed()}`)
await withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [...new Set([input, output])] }))
