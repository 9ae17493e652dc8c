import { fsyncSync, linkSync, openSync, closeSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { KafkaClient } from '../kafka/network/kafka-client.ts'
import { KafkaSink } from '../kafka/sink/kafka-sink.ts'
import { runAttempt, type JobEntry, type JobLog } from './commit-job.ts'
import { stopping, type WriterPlan } from './kafka-writer-plan.ts'
import { sinkContext } from './test-context.ts'

/**
 * A process that writes numbers to a topic exactly once, to be killed: an attempt of a job whose log is a folder of files.
 * It takes a {@link WriterPlan} as JSON, and stops itself where that says.
 */

/** Entries made by linking to a name that must not be there. */
class FileLog implements JobLog {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  newest() {
    const numbers = readdirSync(this.#folder).map(Number).filter(Number.isInteger)
    if (numbers.length === 0) return undefined
    const number = Math.max(...numbers)
    return { number, entry: deserialize(readFileSync(join(this.#folder, String(number)))) as JobEntry }
  }

  append(number: number, entry: JobEntry): void {
    const draft = join(this.#folder, `draft-${process.pid}`)
    const file = openSync(draft, 'w')
    writeSync(file, serialize(entry))
    fsyncSync(file)
    closeSync(file)
    passing('log', () => linkSync(draft, join(this.#folder, String(number))))
    unlinkSync(draft)
  }
}

const plan = JSON.parse(process.argv[2]!) as WriterPlan
let seen = 0

function stopAt(point: string, isAfter: boolean): void {
  const { stop } = plan
  if (!stop || stop.isAfter !== isAfter || (stop.at !== point && stop.at !== 'any')) return
  if (++seen !== stop.nth) return
  writeSync(1, `${stopping}\n`)
  process.kill(process.pid, stop.signal)
}

function passing<T>(point: string, call: () => T): T {
  stopAt(point, false)
  const result = call()
  stopAt(point, true)
  return result
}

async function passingAsync<T>(point: string, call: () => Promise<T>): Promise<T> {
  stopAt(point, false)
  const result = await call()
  stopAt(point, true)
  return result
}

type Ask = (this: KafkaClient, whose: unknown, call: { readonly name: string }, ...rest: unknown[]) => Promise<unknown>

/** Every request of a writer is a place to stop. */
function watchRequests(protocol: 1 | 2): void {
  // By its own type it is generic in the call, which makes no difference here.
  const coordinators = KafkaClient.prototype as unknown as { askCoordinator: Ask }
  const { askCoordinator } = coordinators
  coordinators.askCoordinator = function (whose, call, ...rest) {
    return passingAsync(call.name, () => askCoordinator.call(this, whose, call, ...rest))
  }
  const { produce } = KafkaClient.prototype
  KafkaClient.prototype.produce = function (...args) {
    return passingAsync('Produce', () => produce.apply(this, args))
  }
  if (protocol === 1) KafkaClient.prototype.feature = () => Promise.resolve(1)
}

async function main(given: WriterPlan): Promise<void> {
  const { bootstrap, topic, partitions, folder, lineage, parallelism, recordsTotal, transactions } = given
  watchRequests(given.protocol)
  const connection = { name: 'shop', kind: 'kafka', options: { brokers: [bootstrap] } }
  const functions = { value: String, partition: (value: unknown) => (value as number) % partitions }
  await runAttempt({
    log: new FileLog(folder),
    parallelism,
    recordsTotal,
    recordsPerCheckpoint: 20,
    recordOf: (index) => index,
    isAborted: (checkpoint) => checkpoint % 3 === 0,
    createWriter: (index, checkpoints) =>
      new KafkaSink(
        sinkContext({
          options: { topic, compression: 'none', transactions },
          connection,
          functions,
          subtask: { index, parallelism },
          checkpoints: { ...checkpoints, lineage },
        }),
      ),
  })
}

await main(plan)
