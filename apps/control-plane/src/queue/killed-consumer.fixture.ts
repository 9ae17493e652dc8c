// A control plane that takes a wake-up and never ends it: the test kills it.
import { BullmqQueue } from './bullmq-queue.ts'

const [url, prefix] = process.argv.slice(2)
const queue = new BullmqQueue({ url: url!, prefix: prefix!, lockMs: 1_000, onError: () => undefined })
queue.consume(
  'deployments',
  (key) => {
    process.stdout.write(key)
    return new Promise(() => undefined)
  },
  { concurrency: 1 },
)
