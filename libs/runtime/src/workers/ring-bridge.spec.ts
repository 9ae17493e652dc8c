import fc from 'fast-check'
import type { InputChannel, OutputChannel, StreamElement } from '@lightflus/engine'
import { elementAt, numberAt } from '../exchange/testing/seeded-elements.ts'
import { shown } from '../exchange/testing/shown.ts'
import { until } from '../testing/until.ts'
import { overBridges } from './testing/over-bridges.ts'

/** Lets messages between threads arrive. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const edges = ['by->count', 'by->sum']

async function send(output: OutputChannel, elements: readonly StreamElement[]): Promise<void> {
  for (const element of elements) await output.send(element)
}

async function receive(input: InputChannel, count: number, pace: (at: number) => number): Promise<StreamElement[]> {
  const received: StreamElement[] = []
  let woken = Promise.withResolvers<void>()
  input.onArrival(() => woken.resolve())
  while (received.length < count) {
    const element = input.take()
    if (element) received.push(element)
    else {
      await woken.promise
      woken = Promise.withResolvers()
    }
    for (let left = pace(received.length); left > 0; left -= 1) await turn()
  }
  return received
}

describe('the bridge between the rings of two workers', () => {
  it('brings every element over as it is and in order, at any pace, whatever comes twice', async () => {
    const ringBytes = fc.constantFrom(1_024, 4_096, 262_144)
    await fc.assert(
      fc.asyncProperty(fc.nat(), ringBytes, fc.integer({ min: 1, max: 120 }), async (seed, bytes, count) => {
        const { signal } = new AbortController()
        const bridged = overBridges(signal, edges, { ringBytes: bytes, turns: (at) => numberAt(seed, at, 4) })
        const expected = edges.map((_, edge) => Array.from({ length: count }, (__, at) => elementAt(seed, edge, at)))
        const sending = bridged.ways.map(({ output }, edge) => send(output, expected[edge]))
        const received = await Promise.all(
          bridged.ways.map(({ input }, edge) => receive(input, count, (at) => numberAt(seed, edge * 997 + at, 3))),
        )
        await Promise.all(sending)
        bridged.close()
        expect(received.map((each) => each.map(shown))).toEqual(expected.map((each) => each.map(shown)))
      }),
      { numRuns: 15 },
    )
  })

  it('holds up the sender of a way from which nothing is taken, and no other way', async () => {
    const ringBytes = 4_096
    const bridged = overBridges(new AbortController().signal, edges, { ringBytes, turns: () => 1 })
    const [held, free] = bridged.ways
    const text = 'x'.repeat(100)
    const batch = (index: number): StreamElement => ({
      kind: 'batch',
      batch: { values: [{ index, text }], timestamps: [index] },
    })
    let sent = 0
    const sending = (async () => {
      for (; sent < 500; sent += 1) await held.output.send(batch(sent))
    })()
    const many = Array.from({ length: 500 }, (_, at) => batch(at))
    const sendingFree = send(free.output, many)
    expect(await receive(free.input, 500, () => 0)).toEqual(many)
    await sendingFree
    // Two rings and what may be on the way, of some hundred bytes an element.
    expect(sent).toBeLessThan(120)
    expect(await receive(held.input, 500, () => 0)).toEqual(many)
    await sending
    bridged.close()
  })

  it('tells the other worker how far sources are that wait for each other', async () => {
    const bridged = overBridges(new AbortController().signal, edges, { ringBytes: 4_096, turns: () => 1 })
    const [here, there] = bridged.alignments
    Atomics.store(here, 0, 7n)
    Atomics.store(there, 1, 5n)
    await until('both know of both', () => here[1] === 5n && there[0] === 7n)
    expect([...here]).toEqual([...there])
    bridged.close()
  })
})
