import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { LightflusError } from '@lightflus/api'
import type { PhysicalPlan } from '@lightflus/engine'
import { Bell } from '../exchange/bell.ts'
import type { BridgedColumns, PeerMessage } from '../exchange/peer-port.ts'
import { layOutRings, type RingLayout } from '../exchange/ring-layout.ts'
import { AlignmentMirror } from './alignment-mirror.ts'
import {
  bridgeKinds,
  exchangeHeadBytes,
  readExchangeHead,
  writeExchangeHead,
  type ExchangeHead,
  type Way,
} from './exchange-frame.ts'
import { IncomingWay } from './incoming-way.ts'
import { OutgoingWay } from './outgoing-way.ts'
import type { WorkerWays } from './worker-ways.ts'

export interface RingBridgeOptions {
  readonly plan: PhysicalPlan
  readonly ways: WorkerWays
  readonly alignment: SharedArrayBuffer
  readonly workerOf: (slot: number) => number
  /** Copies the bytes. */
  readonly send: (worker: number, head: Uint8Array, body: Uint8Array) => void
  /** Default: that of `layOutRings`. */
  readonly layout?: RingLayout
}

const nothing = new Uint8Array(0)

/**
 * Stands, in the rings of a worker's slots, for the slots of all other workers: what is written to those it takes out as
 * bytes and sends to their workers, and what comes from them it writes as they would have. So slots know of no other worker,
 * and nobody but a slot ever builds a record. Order holds, since rings, ports and the ways between workers keep it.
 */
export class RingBridge {
  readonly #options: RingBridgeOptions
  readonly #layout: RingLayout
  readonly #widths: ReadonlyMap<string, number>
  readonly #outgoing = new Map<string, OutgoingWay>()
  readonly #incoming = new Map<string, IncomingWay>()
  /** By slot elsewhere: what wakes the ways that wait for a slot here. */
  readonly #bells = new Map<number, Bell>()
  readonly #head = Buffer.alloc(exchangeHeadBytes)
  readonly #mirror: AlignmentMirror
  #frames = 0
  #isClosed = false

  constructor(options: RingBridgeOptions) {
    this.#options = options
    const { plan, ways, workerOf } = options
    this.#layout = options.layout ?? layOutRings(plan)
    this.#widths = new Map(plan.chains.map(({ id, parallelism }) => [id, parallelism]))
    const workers = [...new Set([...ways.bridged.keys()].map(workerOf))]
    this.#mirror = new AlignmentMirror({
      memory: options.alignment,
      parallelism: plan.parallelism,
      own: [...ways.shared.keys()],
      send: (slot, cells) => {
        const way = { edge: 0, from: slot, to: 0 }
        for (const worker of workers) this.#send(worker, bridgeKinds.alignment, way, cells)
      },
    })
    for (const [slot, ports] of ways.bridged) this.#stand(slot, ports)
  }

  /** Takes over what the bridge of another worker sent. @throws LF_EXCHANGE_PROTOCOL */
  receive(message: Buffer): void {
    if (this.#isClosed) return
    this.#frames++
    const head = readExchangeHead(message)
    const body = message.subarray(exchangeHeadBytes)
    if (head.kind === bridgeKinds.alignment) this.#mirror.receive(head.from, body)
    else if (head.kind === bridgeKinds.credit) found(this.#outgoing, head).credit(head.bytes)
    else found(this.#incoming, head).receive(head.kind, body)
  }

  close(): void {
    this.#isClosed = true
    this.#mirror.close()
    for (const [slot, ports] of this.#options.ways.bridged) {
      const bell = this.#bells.get(slot)!
      for (const way of [...this.#outgoing.values(), ...this.#incoming.values()]) bell.callOff(way)
      for (const port of ports.values()) port.close()
    }
  }

  #stand(slot: number, ports: ReadonlyMap<number, MessagePort>): void {
    const { plan, ways } = this.#options
    const bell = new Bell({
      memory: ways.memory,
      slot,
      beats: () => this.#frames,
      ring: (peer) => ports.get(peer)!.postMessage(null),
    })
    this.#bells.set(slot, bell)
    for (const [edge, { fromChain, toChain }] of plan.edges.entries()) {
      for (const [peer, port] of ports) {
        if (peer < this.#widths.get(fromChain)! && slot < this.#widths.get(toChain)!)
          this.#addOutgoing({ edge, from: peer, to: slot }, bell, port)
        if (slot < this.#widths.get(fromChain)! && peer < this.#widths.get(toChain)!)
          this.#addIncoming({ edge, from: slot, to: peer }, bell, port)
      }
    }
    for (const [peer, port] of ports) {
      port.on('message', (message: PeerMessage) => this.#fromPort(message, peer, slot))
      port.unref()
    }
  }

  #addOutgoing(way: Way, bell: Bell, port: MessagePort): void {
    const { ways, workerOf } = this.#options
    const worker = workerOf(way.to)
    const outgoing = new OutgoingWay({
      memory: ways.memory,
      place: this.#layout.place(way.edge, way.from, way.to),
      bell,
      from: way.from,
      send: (kind, bytes) => this.#send(worker, kind, way, bytes),
      drainPort: () => {
        for (;;) {
          const received = receiveMessageOnPort(port) as { readonly message: PeerMessage } | undefined
          if (!received) return
          this.#fromPort(received.message, way.from, way.to)
        }
      },
    })
    this.#outgoing.set(nameOf(way), outgoing)
    bell.wait(outgoing)
    outgoing.goOn()
  }

  #addIncoming(way: Way, bell: Bell, port: MessagePort): void {
    const { ways, workerOf } = this.#options
    const worker = workerOf(way.from)
    const incoming = new IncomingWay({
      memory: ways.memory,
      place: this.#layout.place(way.edge, way.from, way.to),
      bell,
      to: way.to,
      credit: (bytes) => this.#send(worker, bridgeKinds.credit, way, nothing, bytes),
      // A copy of its own: of a view the whole memory would be copied.
      postForeign: (bytes) =>
        port.postMessage({ edge: way.edge, bytes: Uint8Array.from(bytes) } satisfies BridgedColumns),
    })
    this.#incoming.set(nameOf(way), incoming)
  }

  #fromPort(message: PeerMessage, from: number, to: number): void {
    if (this.#isClosed) return
    if (message === null) return this.#bells.get(to)!.rung()
    if ('bytes' in message) found(this.#outgoing, { edge: message.edge, from, to }).sendForeign(message.bytes)
  }

  #send(worker: number, kind: number, way: Way, bytes: Uint8Array, credit = 0): void {
    if (this.#isClosed) return
    this.#frames++
    this.#options.send(worker, writeExchangeHead(this.#head, kind, way, credit), bytes)
  }
}

const nameOf = ({ edge, from, to }: Way): string => `${edge}/${from}/${to}`

function found<T>(ways: ReadonlyMap<string, T>, way: Way & Partial<ExchangeHead>): T {
  const known = ways.get(nameOf(way))
  if (known) return known
  throw new LightflusError(
    'LF_EXCHANGE_PROTOCOL',
    `A frame came for edge ${way.edge} from slot ${way.from} to slot ${way.to}, which is not between these workers.`,
  )
}
