import { setImmediate as immediate } from 'node:timers/promises'
import type { JobDefinition } from 'lightflus'
import {
  createSubtask,
  planJob,
  subtasksOf,
  type ChainEdge,
  type Connector,
  type SinkWriter,
  type SourceReader,
} from '@lightflus/engine'
import { localChannel } from '../../libs/runtime/src/exchange/local-channel.ts'
import { nexmarkEvents } from './generator.ts'
import { configure } from './settings.ts'
import { sides } from './side-input.ts'

/**
 * Runs one query in this thread, over events that are in memory as JSON text, and prints what it took as a line of JSON:
 *
 *   node bench/nexmark/measure-query.ts QUERY EVENTS stream|batch
 *
 * Measured are decoding, the query with its exchanges at parallelism 1, and a sink that only counts; not the making of
 * the events, no broker and no file.
 */
const [name, events, mode] = process.argv.slice(2)
// What the source says of itself; the events here end either way.
configure({ source: { kind: 'generator', events: mode === 'batch' ? Number(events) : null, seed: 42 } })

class MemoryReader implements SourceReader {
  readonly bounded = true
  readonly #payloads: readonly unknown[]
  #next = 0

  constructor(payloads: readonly unknown[]) {
    this.#payloads = payloads
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  poll(recordsMax: number) {
    const payloads = this.#payloads.slice(this.#next, this.#next + recordsMax)
    if (payloads.length === 0) return undefined
    const positions = payloads.map((_, index) => this.#next + index)
    this.#next += payloads.length
    return { partition: 'memory/0', payloads, positions, bytes: 0 }
  }

  partitions() {
    const ended = this.#next === this.#payloads.length
    return [{ name: 'memory/0', ended, caughtUp: ended }]
  }

  positions() {
    return { 'memory/0': this.#next }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

let rows = 0
const counting: SinkWriter = {
  open: () => Promise.resolve(),
  write(values) {
    rows += values.length
  },
  flush: () => Promise.resolve(),
  bytesWritten: () => 0,
  close: () => Promise.resolve(),
}

const event = nexmarkEvents()
// Flat, as what comes from outside is: a text that was put together is flattened by whoever reads it first.
const lines = Array.from({ length: Number(events) }, (_, n) => Buffer.from(event(n)).toString('latin1'))
const connector: Connector = {
  kind: 'memory',
  createSource: ({ operator }) => new MemoryReader(operator.node.id === 'events' ? lines : sides),
  createSink: () => counting,
}

async function run(query: JobDefinition): Promise<void> {
  const { graph, operators } = query.build()
  const plan = planJob(graph, 1)
  const { signal } = new AbortController()
  const channels = new Map<string, ReturnType<typeof localChannel>>()
  const channel = ({ id }: ChainEdge) => {
    const one = channels.get(id) ?? localChannel(signal)
    channels.set(id, one)
    return one
  }
  const subtasks = subtasksOf(plan).map(({ chain: id, index }) => {
    const chain = plan.chains.find((one) => one.id === id)!
    return createSubtask({
      plan,
      chain: id,
      index,
      attempt: 1,
      operators,
      inputs: chain.inputs.map((edge) => [channel(edge).input]),
      outputs: chain.outputs.map((edge) => [channel(edge).output]),
      restore: undefined,
      host: {
        clock: { now: () => Date.now() },
        yieldToHost: () => immediate(),
        after(ms, callback) {
          const timer = setTimeout(callback, ms)
          return () => clearTimeout(timer)
        },
      },
      connector: () => connector,
      connection: (missing) => {
        throw new Error(`There is no connection ${missing}.`)
      },
      signal,
      log: (level, operator, message) => console.error(level, operator, message),
      publishRows: () => {},
      onSnapshot: () => {},
      onFinished: () => {},
    })
  })
  await Promise.all(subtasks.map((subtask) => subtask.run()))
}

const { default: query } = (await import(`./queries/${name}.ts`)) as { default: JobDefinition }
const startedAt = performance.now()
const cpuBefore = process.cpuUsage()
await run(query)
const wallSeconds = (performance.now() - startedAt) / 1_000
const { user, system } = process.cpuUsage(cpuBefore)
const cpuSeconds = (user + system) / 1e6
console.log(JSON.stringify({ wallSeconds, cpuSeconds, rows, peakMegabytes: process.resourceUsage().maxRSS / 1_024 }))
