import type { MessagePort } from 'node:worker_threads'
import type { Chain, ChainEdge, InputChannel, OutputChannel, PhysicalPlan } from '@lightflus/engine'
import { localChannel } from '../exchange/local-channel.ts'
import { PeerPort } from '../exchange/peer-port.ts'

/** Makes the channels of a slot's subtasks: to other slots over their ports, within the slot directly. */
export class Wiring {
  readonly #plan: PhysicalPlan
  readonly #slot: number
  readonly #signal: AbortSignal
  readonly #peers: readonly (PeerPort | undefined)[]
  readonly #local = new Map<string, ReturnType<typeof localChannel>>()

  constructor(options: {
    readonly plan: PhysicalPlan
    readonly slot: number
    readonly peers: readonly (MessagePort | undefined)[]
    readonly signal: AbortSignal
  }) {
    this.#plan = options.plan
    this.#slot = options.slot
    this.#signal = options.signal
    this.#peers = options.peers.map((port) => port && new PeerPort(port, options.signal))
  }

  inputs(chain: Chain): InputChannel[][] {
    return chain.inputs.map((edge) =>
      this.#slotsOf(edge.fromChain).map((sender) =>
        sender === this.#slot ? this.#within(edge).input : this.#peer(sender).input(this.#numbered(edge)),
      ),
    )
  }

  outputs(chain: Chain): OutputChannel[][] {
    return chain.outputs.map((edge) =>
      this.#slotsOf(edge.toChain).map((receiver) =>
        receiver === this.#slot ? this.#within(edge).output : this.#peer(receiver).output(this.#numbered(edge)),
      ),
    )
  }

  #slotsOf(chain: string): number[] {
    const { parallelism } = this.#plan.chains.find(({ id }) => id === chain)!
    return Array.from({ length: parallelism }, (_, index) => index)
  }

  #numbered({ id }: ChainEdge): { readonly number: number; readonly id: string } {
    return { number: this.#plan.edges.findIndex((edge) => edge.id === id), id }
  }

  #peer(slot: number): PeerPort {
    const peer = this.#peers[slot]
    if (!peer) throw new Error(`slot ${this.#slot} has no port to slot ${slot}`)
    return peer
  }

  #within({ id }: ChainEdge): ReturnType<typeof localChannel> {
    const channel = this.#local.get(id) ?? localChannel(this.#signal)
    this.#local.set(id, channel)
    return channel
  }
}
