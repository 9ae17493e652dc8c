/**
 * What it costs to bring a record from one thread to another: by the rings that join slots, against structured clones in
 * a message port with the same bound of elements on the way. Both threads' processor time, everything else taken out:
 * batches are made before, and dropped when they have come. Run it with
 *
 *   node bench/ring.ts [records] [rounds]
 */
import { once } from 'node:events'
import { setImmediate as immediate } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData, type MessagePort } from 'node:worker_threads'
import type { PhysicalPlan, RecordBatch } from '@lightflus/engine'
import { RingExchange } from '../libs/runtime/src/exchange/ring-exchange.ts'
import { shareWays, type SharedWays } from '../libs/runtime/src/exchange/share-ways.ts'
import { median } from './measure.ts'

const batchRecords = 512
/** Batches to choose from, so that they do not stay in the nearest caches. */
const batchesMade = 64
const inFlightMax = 32
const users = Array.from({ length: 10_000 }, (_, number) => `user-${number}`)

const chain = { parallelism: 2, operators: [], inputs: [], outputs: [] }
const plan: PhysicalPlan = {
  job: 'bench',
  parallelism: 2,
  bounded: true,
  chains: [
    { id: 'from', ...chain },
    { id: 'to', ...chain },
  ],
  edges: [
    {
      id: 'from->to',
      fromChain: 'from',
      fromOperator: 'from',
      output: undefined,
      toChain: 'to',
      input: 0,
      exchange: 'keyed',
    },
  ],
}

type Setup = { readonly way: 'ring' | 'port'; readonly count: number; readonly shared: SharedWays }

if (isMainThread) await compare()
else await receive(workerData as Setup)

function kinds(): { readonly [name: string]: (index: number) => readonly [unknown, string | number] } {
  return {
    'three numbers, key a field': (index) => [
      { user: (index * 7919) % 10_000, amount: index % 100, at: 1_700_000_000_000 + index },
      (index * 7919) % 10_000,
    ],
    'a text as key, two numbers': (index) => [
      { user: users[(index * 7919) % 10_000], amount: index % 100, at: 1_700_000_000_000 + index },
      users[(index * 7919) % 10_000]!,
    ],
    'a bid: 4 numbers, 3 texts, of 100 characters together': (index) => [
      {
        auction: index % 1_000,
        bidder: (index * 7919) % 10_000,
        price: index % 10_007,
        channel: `channel-${index % 8}`,
        url: `https://www.nexmark.com/item.htm?query=1&id=${index * 31}`,
        dateTime: 1_700_000_000_000 + index,
        extra: `${(index * 2_654_435_761) % 4_294_967_296}${index}abcdefghijklmnopqrstuvwxyz`,
      },
      index % 1_000,
    ],
    'nested, with a list and a field that may be null': (index) => [
      { id: index, place: { x: index / 3, y: index / 7 }, tags: ['a', 'b'], note: index % 3 === 0 ? null : 'some' },
      index,
    ],
  }
}

function makeBatches(make: (index: number) => readonly [unknown, string | number]): RecordBatch[] {
  return Array.from({ length: batchesMade }, (_, batch) => {
    const made = Array.from({ length: batchRecords }, (_, index) => make(batch * batchRecords + index))
    return {
      values: made.map(([value]) => value),
      timestamps: made.map((_, index) => 1_700_000_000_000 + index),
      keys: made.map(([, key]) => key),
    }
  })
}

async function compare(): Promise<void> {
  const records = Number(process.argv[2] ?? 2_000_000)
  const rounds = Number(process.argv[3] ?? 5)
  const count = Math.ceil(records / batchRecords)
  console.log('| record | ring: CPU ns | M/s wall | port: CPU ns | M/s wall | CPU, port ÷ ring |')
  console.log('| --- | --- | --- | --- | --- | --- |')
  for (const [name, make] of Object.entries(kinds())) {
    const batches = makeBatches(make)
    const costs = { ring: [] as Cost[], port: [] as Cost[] }
    for (let round = 0; round < rounds; round++)
      for (const way of ['ring', 'port'] as const) costs[way].push(await send(way, batches, count))
    const cpu = (way: 'ring' | 'port') => median(costs[way].map(({ cpuNs }) => cpuNs))
    const wall = (way: 'ring' | 'port') => median(costs[way].map(({ millions }) => millions)).toFixed(1)
    console.log(
      `| ${name} | ${cpu('ring').toFixed(0)} | ${wall('ring')} | ${cpu('port').toFixed(0)} | ${wall('port')} | ${(cpu('port') / cpu('ring')).toFixed(1)} |`,
    )
  }
}

interface Cost {
  readonly cpuNs: number
  readonly millions: number
}

async function send(way: Setup['way'], batches: readonly RecordBatch[], count: number): Promise<Cost> {
  const [mine, theirs] = shareWays(plan)!
  const [to, from] = [mine!.ports[1]!, theirs!.ports[0]!]
  const setup: Setup = { way, count, shared: theirs! }
  const worker = new Worker(new URL(import.meta.url), { workerData: setup, transferList: [from] })
  await once(worker, 'message')
  const done = once(worker, 'message')
  const before = process.cpuUsage()
  const startedAt = performance.now()
  const sendOne = way === 'ring' ? overRing(mine!) : overPort(to)
  for (let sent = 0; sent < count; sent++) {
    await sendOne(batches[sent % batches.length]!)
    if (sent % 8 === 7) await immediate()
  }
  await done
  const seconds = (performance.now() - startedAt) / 1_000
  const { user, system } = process.cpuUsage(before)
  to.close()
  await worker.terminate()
  const records = count * batchRecords
  return { cpuNs: ((user + system) * 1_000) / records, millions: records / seconds / 1e6 }
}

function overRing(shared: SharedWays): (batch: RecordBatch) => void | Promise<void> {
  const { signal } = new AbortController()
  const exchange = new RingExchange({ plan, slot: 0, shared, signal, beats: () => 0 })
  const output = exchange.output(plan.edges[0]!, 1)
  return (batch) => output.send({ kind: 'batch', batch })
}

function overPort(port: MessagePort): (batch: RecordBatch) => void | Promise<void> {
  let credit = inFlightMax
  let go = () => {}
  port.on('message', (taken: number) => {
    credit += taken
    go()
  })
  return ({ values, keys, timestamps }) => {
    const times = Float64Array.from(timestamps)
    port.postMessage({ values, keys, times }, [times.buffer])
    if (--credit === 0) return new Promise((resolve) => (go = resolve))
  }
}

async function receive({ way, count, shared }: Setup): Promise<void> {
  const port = shared.ports[0]!
  // Keeps the thread alive, as its coordinator's messages do for a slot.
  parentPort!.on('message', () => {})
  parentPort!.postMessage('ready')
  if (way === 'ring') {
    const { signal } = new AbortController()
    const input = new RingExchange({ plan, slot: 1, shared, signal, beats: () => 0 }).input(plan.edges[0]!, 0)
    let taken = 0
    await new Promise<void>((resolve) => {
      input.onArrival(() => {
        while (input.take() !== undefined) taken++
        if (taken === count) resolve()
      })
    })
  } else {
    let taken = 0
    await new Promise<void>((resolve) => {
      port.on('message', ({ times }: { readonly times: Float64Array }) => {
        Array.from(times)
        if (++taken % 8 === 0) port.postMessage(8)
        if (taken === count) resolve()
      })
    })
  }
  parentPort!.postMessage('done')
}
