import type { ChainEdge } from '@lightflus/engine'
import type { CreateBridge, ExchangeBridge } from '../../workers/exchange-link.ts'
import { SimBridge } from './sim-bridge.ts'
import { SimChannel } from './sim-channel.ts'
import type { Actor, World } from './world.ts'

export interface WorkerChannelsOptions {
  readonly world: World
  /** The thread that bridges live in. */
  readonly main: Actor
  /** Of a slot of this worker; undefined: it is another's. */
  readonly actorOf: (slot: number) => Actor | undefined
  readonly workerOf: (slot: number) => number
}

/** The ways of one worker's slots, to each other and over the bridge. */
export class WorkerChannels {
  readonly #options: WorkerChannelsOptions
  readonly #channels = new Map<string, SimChannel>()
  #bridge: SimBridge | undefined

  constructor(options: WorkerChannelsOptions) {
    this.#options = options
  }

  bridged(send: Parameters<CreateBridge>[0]): ExchangeBridge {
    const { world, main, workerOf, actorOf } = this.#options
    this.#bridge = new SimBridge({ world, main, workerOf, actorOf: (slot) => actorOf(slot)!, send })
    return this.#bridge
  }

  channel(edge: ChainEdge, from: number, to: number): SimChannel {
    const [sender, receiver] = [this.#options.actorOf(from), this.#options.actorOf(to)]
    if (!sender) return this.#bridge!.input(edge, from, to)
    if (!receiver) return this.#bridge!.output(edge, from, to)
    const name = `${edge.id} ${from} ${to}`
    const channel = this.#channels.get(name) ?? new SimChannel(this.#options.world, sender, receiver)
    this.#channels.set(name, channel)
    return channel
  }

  /** Nobody waits any more. */
  cancel(): void {
    for (const channel of this.#channels.values()) channel.cancel()
    this.#bridge?.cancel()
  }
}
