import type { InputChannel, OutputChannel, PhysicalPlan } from '@lightflus/engine'
import { ringBytesMax } from '../exchange-limits.ts'
import { RingExchange } from '../ring-exchange.ts'
import { layOutRings } from '../ring-layout.ts'
import { shareWays } from '../share-ways.ts'

/** Both ends of a channel, for tests. */
export interface Way {
  readonly input: InputChannel
  readonly output: OutputChannel
  close(): void
}

const chain = { parallelism: 2, operators: [], inputs: [], outputs: [] }
/** A plan of two slots with these edges, all of them from one chain to one. */
export function planOf(...edges: readonly string[]): PhysicalPlan {
  return {
    job: 'test',
    parallelism: 2,
    bounded: true,
    chains: [
      { id: 'numbers', ...chain },
      { id: 'count', ...chain },
    ],
    edges: edges.map((id) => ({
      id,
      fromChain: 'numbers',
      fromOperator: 'by',
      output: undefined,
      toChain: 'count',
      input: 0,
      exchange: 'keyed',
    })),
  }
}

/** A channel from slot 0 to slot 1 for each edge, with both slots in this thread. */
export function overRings(signal: AbortSignal, edges: readonly string[], bytes = ringBytesMax): Way[] {
  const plan = planOf(...edges)
  const layout = layOutRings(plan, bytes)
  const ways = shareWays(plan)!
  const [sender, receiver] = ways.map(
    (shared, slot) => new RingExchange({ plan, slot, shared, signal, layout, beats: () => 0 }),
  )
  return plan.edges.map((edge) => ({
    output: sender.output(edge, 1),
    input: receiver.input(edge, 0),
    close: () => ways[0].ports[1]!.close(),
  }))
}

export function overRing(signal: AbortSignal, bytes = ringBytesMax): Way {
  return overRings(signal, ['by->count'], bytes)[0]
}
