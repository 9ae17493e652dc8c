import type { InputChannel, OutputChannel } from '@lightflus/engine'
import { RingExchange } from '../../exchange/ring-exchange.ts'
import { layOutRings } from '../../exchange/ring-layout.ts'
import { planOf } from '../../exchange/testing/over-ring.ts'
import { RingBridge } from '../ring-bridge.ts'
import { SessionLink } from '../session-link.ts'
import { shareWorkerWays } from '../worker-ways.ts'

export interface BridgedWays {
  readonly ways: readonly { readonly output: OutputChannel; readonly input: InputChannel }[]
  /** Bytes of records that were sent to worker 1 so far. */
  readonly sentBytes: () => number
  /** How far the sources of either worker are. */
  readonly alignments: readonly BigInt64Array[]
  close(): void
}

const session = Buffer.alloc(16, 1)
const members = new Map([
  [0, 10],
  [1, 11],
])

/**
 * A channel from slot 0 in worker 0 to slot 1 in worker 1 for each edge, both in this thread, over a log that is as slow as
 * `turns` says, and holds some records twice.
 */
export function overBridges(
  signal: AbortSignal,
  edges: readonly string[],
  { ringBytes, turns }: { readonly ringBytes: number; readonly turns: (record: number) => number },
): BridgedWays {
  const plan = planOf(...edges)
  const layout = layOutRings(plan, ringBytes)
  const logs: Buffer[][] = [[], []]
  let sentBytes = 0
  let isClosed = false
  const workers = [0, 1].map((worker) => {
    const ways = shareWorkerWays(plan, (slot) => slot === worker)
    const alignment = new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT)
    const link: SessionLink = new SessionLink({
      session,
      own: { worker, process: members.get(worker)! },
      log: {
        append(partition, record) {
          if (partition === 1) sentBytes += record.length
          logs[partition].push(Buffer.from(record))
          if (turns(logs[partition].length) === 0) logs[partition].push(Buffer.from(record))
        },
      },
      memberOf: (each) => members.get(each),
      onMessage: (_, message) => bridge.receive(message),
    })
    const bridge: RingBridge = new RingBridge({
      plan,
      ways,
      alignment,
      layout,
      workerOf: (slot) => slot,
      send: (to, head, body) => link.send(to, head, body),
    })
    const shared = ways.shared.get(worker)!
    const exchange = new RingExchange({ plan, slot: worker, shared, signal, layout, beats: () => 0 })
    return { bridge, link, exchange, alignment: new BigInt64Array(alignment), ports: shared.ports }
  })
  const deliver = (worker: number, read: number): void => {
    if (isClosed) return
    const record = logs[worker][read] as Buffer | undefined
    if (record) workers[worker].link.receive(record)
    let left = turns(read)
    const later = (): void => {
      left -= 1
      if (left > 0) setImmediate(later)
      else deliver(worker, record ? read + 1 : read)
    }
    setImmediate(later)
  }
  for (const worker of [0, 1]) deliver(worker, 0)
  return {
    ways: plan.edges.map((edge) => ({
      output: workers[0].exchange.output(edge, 1),
      input: workers[1].exchange.input(edge, 0),
    })),
    sentBytes: () => sentBytes,
    alignments: workers.map(({ alignment }) => alignment),
    close() {
      isClosed = true
      for (const { bridge, ports } of workers) {
        bridge.close()
        for (const port of ports) port?.close()
      }
    },
  }
}
