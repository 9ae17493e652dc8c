import { deserialize, serialize } from 'node:v8'
import type { ChainEdge, StreamElement } from '@lightflus/engine'
import type { ExchangeBridge } from '../../workers/exchange-link.ts'
import type { RingBridgeOptions } from '../../workers/ring-bridge.ts'
import { SimChannel } from './sim-channel.ts'
import type { Actor, World } from './world.ts'

/** Most elements of a way that are on the topic. */
const inFlightMax = 3
const nothing = new Uint8Array(0)

interface Way {
  readonly edge: string
  readonly from: number
  readonly to: number
}
interface Frame extends Way {
  /** Absent: the receiver has put one into its ring. */
  readonly element?: StreamElement
}

export interface SimBridgeOptions {
  readonly world: World
  /** The thread that it lives in. */
  readonly main: Actor
  readonly workerOf: (slot: number) => number
  /** Of a slot here. */
  readonly actorOf: (slot: number) => Actor
  readonly send: RingBridgeOptions['send']
}

/** Does what a `RingBridge` does, in simulated time: stands for the slots of other workers at one worker's ways. */
export class SimBridge implements ExchangeBridge {
  readonly #options: SimBridgeOptions
  readonly #outgoing = new Map<string, { readonly channel: SimChannel; readonly goOn: (given: number) => void }>()
  readonly #incoming = new Map<string, { readonly channel: SimChannel; put: Promise<void> }>()
  #isClosed = false

  constructor(options: SimBridgeOptions) {
    this.#options = options
  }

  /** What a slot here writes to. */
  output({ id: edge }: ChainEdge, from: number, to: number): SimChannel {
    return this.#out({ edge, from, to }).channel
  }

  /** What a slot here reads. */
  input({ id: edge }: ChainEdge, from: number, to: number): SimChannel {
    return this.#in({ edge, from, to }).channel
  }

  receive(message: Buffer): void {
    if (this.#isClosed) return
    const { element, ...way } = deserialize(message) as Frame
    if (!element) return this.#out(way).goOn(1)
    const incoming = this.#in(way)
    incoming.put = incoming.put.then(async () => {
      await incoming.channel.send(element)
      this.#send(this.#options.workerOf(way.from), way)
    })
  }

  close(): void {
    this.#isClosed = true
    this.cancel()
  }

  /** Nobody waits any more. */
  cancel(): void {
    for (const { channel } of [...this.#outgoing.values(), ...this.#incoming.values()]) channel.cancel()
  }

  #send(worker: number, frame: Frame): void {
    if (!this.#isClosed) this.#options.send(worker, nothing, serialize(frame))
  }

  #out(way: Way): { readonly channel: SimChannel; readonly goOn: (given: number) => void } {
    const name = nameOf(way)
    const known = this.#outgoing.get(name)
    if (known) return known
    const { world, main, actorOf, workerOf } = this.#options
    const channel = new SimChannel(world, actorOf(way.from), main)
    let inFlight = 0
    const goOn = (given: number): void => {
      inFlight -= given
      while (inFlight < inFlightMax) {
        const element = channel.take()
        if (!element) return
        inFlight += 1
        this.#send(workerOf(way.to), { ...way, element })
      }
    }
    channel.onArrival(() => goOn(0))
    const made = { channel, goOn }
    this.#outgoing.set(name, made)
    return made
  }

  #in(way: Way): { readonly channel: SimChannel; put: Promise<void> } {
    const name = nameOf(way)
    const known = this.#incoming.get(name)
    if (known) return known
    const { world, main, actorOf } = this.#options
    const made = { channel: new SimChannel(world, main, actorOf(way.to)), put: Promise.resolve() }
    this.#incoming.set(name, made)
    return made
  }
}

const nameOf = ({ edge, from, to }: Way): string => `${edge} ${from} ${to}`
