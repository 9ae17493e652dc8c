import type { Chain, ChainEdge, Demand, InputChannel, OutputChannel, PhysicalPlan } from '@lightflus/engine'
import { localChannel } from '../exchange/local-channel.ts'
import { RingExchange } from '../exchange/ring-exchange.ts'
import type { SharedWays } from '../exchange/share-ways.ts'

/** Makes the channels of a slot's subtasks: to other slots over shared memory, within the slot directly. */
export class Wiring {
  readonly #plan: PhysicalPlan
  readonly #slot: number
  readonly #signal: AbortSignal
  readonly #others: RingExchange | undefined
  readonly #local = new Map<string, ReturnType<typeof localChannel>>()

  constructor(options: {
    readonly plan: PhysicalPlan
    readonly slot: number
    readonly shared: SharedWays | undefined
    readonly signal: AbortSignal
    /** A count that rises with every batch that this thread works on. */
    readonly beats: () => number
    /** What is wanted of the values that cross an edge to another slot. */
    readonly wanted: ((edge: ChainEdge) => Demand) | undefined
  }) {
    const { plan, slot, shared, signal, beats, wanted } = options
    this.#plan = plan
    this.#slot = slot
    this.#signal = signal
    this.#others = shared && new RingExchange({ plan, slot, shared, signal, beats, ...(wanted && { wanted }) })
  }

  inputs(chain: Chain): InputChannel[][] {
    return chain.inputs.map((edge) =>
      this.#slotsOf(edge.fromChain).map((sender) =>
        sender === this.#slot ? this.#within(edge).input : this.#toOthers().input(edge, sender),
      ),
    )
  }

  outputs(chain: Chain): OutputChannel[][] {
    return chain.outputs.map((edge) =>
      this.#slotsOf(edge.toChain).map((receiver) =>
        receiver === this.#slot ? this.#within(edge).output : this.#toOthers().output(edge, receiver),
      ),
    )
  }

  #slotsOf(chain: string): number[] {
    const { parallelism } = this.#plan.chains.find(({ id }) => id === chain)!
    return Array.from({ length: parallelism }, (_, index) => index)
  }

  #toOthers(): RingExchange {
    if (!this.#others) throw new Error(`slot ${this.#slot} shares nothing with other slots`)
    return this.#others
  }

  #within({ id }: ChainEdge): ReturnType<typeof localChannel> {
    const channel = this.#local.get(id) ?? localChannel(this.#signal)
    this.#local.set(id, channel)
    return channel
  }
}
