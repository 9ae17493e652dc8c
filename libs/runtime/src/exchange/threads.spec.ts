import { once } from 'node:events'
import { Worker, type Transferable } from 'node:worker_threads'
import type { InputChannel, StreamElement } from '@lightflus/engine'
import { until } from '../testing/until.ts'
import { RingExchange } from './ring-exchange.ts'
import { layOutRings } from './ring-layout.ts'
import { shareWays } from './share-ways.ts'
import { overRings, planOf } from './testing/over-ring.ts'
import type { SenderSetup } from './testing/ring-sender.ts'
import { elementAt, numberAt } from './testing/seeded-elements.ts'
import { shown } from './testing/shown.ts'

const edges = ['a->b', 'c->d', 'e->f']

interface Threads {
  readonly sender: Worker
  readonly inputs: readonly InputChannel[]
}

/** A thread that sends, and the receiving ends of its channels in this one. */
function startSender(seed: number, count: number, ringBytes: number): Threads {
  const plan = planOf(...edges)
  const [theirs, mine] = shareWays(plan)!
  const setup: SenderSetup = { shared: theirs, edges, ringBytes, seed, count }
  const sender = new Worker(new URL('./testing/ring-sender.ts', import.meta.url), {
    workerData: setup,
    transferList: theirs.ports.filter((port) => port !== undefined) as Transferable[],
    execArgv: ['--conditions=@lf/source'],
  })
  const { signal } = new AbortController()
  const layout = layOutRings(plan, ringBytes)
  const exchange = new RingExchange({ plan, slot: 1, shared: mine, signal, layout, beats: () => seed })
  return { sender, inputs: plan.edges.map((edge) => exchange.input(edge, 0)) }
}

/** Takes all that comes on a channel, at a pace that the seed says, until its end or until told to stop. */
async function takeAll(
  input: InputChannel,
  { seed, stopped, taken = [] }: { seed: number; stopped: Promise<unknown>; taken?: StreamElement[] },
): Promise<StreamElement[]> {
  let wake = () => {}
  input.onArrival(() => wake())
  let isStopped = false
  void stopped.then(() => {
    isStopped = true
    wake()
  })
  for (;;) {
    const element = input.take()
    if (element) taken.push(element)
    if (element?.kind === 'end') return taken
    if (element === undefined && isStopped) return taken
    if (element === undefined) await new Promise<void>((resolve) => (wake = resolve))
    else if (numberAt(seed, taken.length, 3) === 0) await new Promise(setImmediate)
  }
}

describe('rings between two threads', () => {
  it.each([
    { seed: 1, ringBytes: 512 },
    { seed: 2, ringBytes: 1_024 },
    { seed: 3, ringBytes: 4_096 },
    { seed: 4, ringBytes: 262_144 },
  ])('bring everything in order, whatever the paces (seed $seed, $ringBytes bytes)', async ({ seed, ringBytes }) => {
    const count = 1_500
    const { sender, inputs } = startSender(seed, count, ringBytes)
    const never = new Promise(() => {})
    const all = await Promise.all(inputs.map((input, edge) => takeAll(input, { seed: seed + edge, stopped: never })))
    await sender.terminate()
    for (const [edge, taken] of all.entries()) {
      expect(taken).toHaveLength(count + 1)
      const wrong = taken
        .slice(0, count)
        .findIndex((each, index) => shown(each) !== shown(elementAt(seed, edge, index)))
      expect(wrong).toBe(-1)
    }
  })

  it.each([1, 2, 3, 4, 5, 6])('hold whole elements only when the sender dies in the middle (seed %i)', async (seed) => {
    const { sender, inputs } = startSender(seed, 1_000_000, 2_048)
    const stopped = once(sender, 'exit')
    const taken = inputs.map((): StreamElement[] => [])
    const taking = inputs.map((input, edge) => takeAll(input, { seed: seed + edge, stopped, taken: taken[edge] }))
    const enough = 100 + numberAt(seed, 0, 400)
    await until('enough has come', () => taken.flat().length >= enough)
    await sender.terminate()
    for (const [edge, taken] of (await Promise.all(taking)).entries()) {
      const wrong = taken.findIndex((each, index) => shown(each) !== shown(elementAt(seed, edge, index)))
      expect(wrong).toBe(-1)
    }
  })
})

describe('edges between two slots', () => {
  it('are not held up by one whose receiver takes nothing', async () => {
    const abort = new AbortController()
    const [blocked, free] = overRings(abort.signal, ['a->b', 'c->d'], 1_024)
    const batch = { values: [{ text: 'x'.repeat(100) }], timestamps: [1] }
    let full: void | Promise<void> = undefined
    while (!full) full = blocked.output.send({ kind: 'batch', batch })
    let taken = 0
    const sending = (async () => {
      for (let sent = 0; sent < 500; sent += 1) await free.output.send({ kind: 'batch', batch })
    })()
    await until('all has come by the other', () => {
      while (free.input.take()) taken += 1
      return taken === 500
    })
    await sending
    abort.abort()
    await full
    blocked.close()
    free.close()
  })

  it('say that a frame is damaged instead of reading it', () => {
    const plan = planOf('a->b')
    const [{ memory }, mine] = shareWays(plan)!
    const { signal } = new AbortController()
    const exchange = new RingExchange({ plan, slot: 1, shared: mine, signal, beats: () => 0 })
    const input = exchange.input(plan.edges[0], 0)
    const { offset } = layOutRings(plan).place(0, 0, 1)
    const control = new Int32Array(memory, offset)
    control[0] = 64
    for (const length of [0, 4, 72, -8, 12]) {
      control[32] = length
      expect(() => input.take()).toThrow(expect.objectContaining({ code: 'LF_EXCHANGE_PROTOCOL' }))
    }
  })
})
