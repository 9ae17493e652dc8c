import { parentPort, workerData } from 'node:worker_threads'
import { clientOf } from './topics.ts'

/** The other end of latency.ts, in a thread of its own: how old the bids are that were due between two moments. */
const { bootstrap, topic, from, to } = workerData as {
  readonly bootstrap: string
  readonly topic: string
  readonly from: number
  readonly to: number
}
const timeField = '"dateTime":"'
const ages: number[] = []

const consumer = clientOf(bootstrap).consumer({ groupId: `${topic}-probe`, maxWaitTimeInMs: 5, minBytes: 1 })
await consumer.connect()
await consumer.subscribe({ topics: [topic], fromBeginning: true })
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    const now = Date.now()
    for (const { value } of batch.messages) {
      const at = value!.indexOf(timeField) + timeField.length
      const due = Date.parse(`${value!.toString('latin1', at, at + 23).replace(' ', 'T')}Z`)
      if (due >= from && due < to) ages.push(now - due)
    }
  },
})

const graceMs = 2_000
setTimeout(
  () => {
    ages.sort((a, b) => a - b)
    const quantile = (share: number): number | undefined => ages[Math.floor((ages.length - 1) * share)]
    parentPort!.postMessage({
      bids: ages.length,
      p50Ms: quantile(0.5),
      p90Ms: quantile(0.9),
      p99Ms: quantile(0.99),
      maxMs: quantile(1),
    })
    void consumer.disconnect()
  },
  to + graceMs - Date.now(),
)
