import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { OutputChannel } from '@lightflus/engine'
import { RingExchange } from '../ring-exchange.ts'
import { layOutRings } from '../ring-layout.ts'
import type { SharedWays } from '../share-ways.ts'
import { planOf } from './over-ring.ts'
import { elementAt, numberAt } from './seeded-elements.ts'

export interface SenderSetup {
  readonly shared: SharedWays
  readonly edges: readonly string[]
  readonly ringBytes: number
  readonly seed: number
  /** Elements on each edge, before its end. */
  readonly count: number
}

/** A thread that is slot 0: sends what the seed says, each edge at its own pace. */
const { shared, edges, ringBytes, seed, count } = workerData as SenderSetup
// Keeps the thread alive, as a slot's coordinator does.
parentPort!.on('message', () => {})
const plan = planOf(...edges)
const { signal } = new AbortController()
const exchange = new RingExchange({
  plan,
  slot: 0,
  shared,
  signal,
  layout: layOutRings(plan, ringBytes),
  // Sometimes busy, sometimes not: wakes itself, and is woken.
  beats: () => numberAt(seed, performance.now(), 2),
})

async function send(output: OutputChannel, edge: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await output.send(elementAt(seed, edge, index))
    if (numberAt(seed, edge * 31 + index, 3) === 0) await turn()
  }
  await output.send({ kind: 'end' })
}

await Promise.all(plan.edges.map((edge, number) => send(exchange.output(edge, 1), number)))
parentPort!.postMessage('sent')
