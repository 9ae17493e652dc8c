import {
  everything,
  type ChainEdge,
  type Demand,
  type InputChannel,
  type OutputChannel,
  type PhysicalPlan,
} from '@lightflus/engine'
import { Bell } from './bell.ts'
import type { ChannelEnds } from './channel-ends.ts'
import { Columns } from './columns/create-column.ts'
import { PeerPort } from './peer-port.ts'
import { RingInput } from './ring-input.ts'
import { layOutRings, type RingLayout } from './ring-layout.ts'
import { RingOutput } from './ring-output.ts'
import type { SharedWays } from './share-ways.ts'

export interface RingExchangeOptions {
  readonly plan: PhysicalPlan
  readonly slot: number
  readonly shared: SharedWays
  readonly signal: AbortSignal
  /** A count that rises with every batch that this thread works on: see bell.ts. */
  readonly beats: () => number
  /** What is wanted of the values that cross an edge. Default: all of them. */
  readonly wanted?: (edge: ChainEdge) => Demand
  /** Default: that of `layOutRings`. */
  readonly layout?: RingLayout
}

/** A slot's channels to the other slots of its attempt. */
export class RingExchange {
  readonly #options: RingExchangeOptions
  readonly #layout: RingLayout
  readonly #ports: readonly (PeerPort | undefined)[]
  readonly #bell: Bell
  readonly #columns = new Columns()

  constructor(options: RingExchangeOptions) {
    const { plan, slot, shared, beats } = options
    this.#options = options
    this.#layout = options.layout ?? layOutRings(plan)
    this.#ports = shared.ports.map((port, peer) => {
      const isBridged = shared.bridgedSlots?.includes(peer) ?? false
      return port && new PeerPort(port, isBridged, () => this.#bell.rung())
    })
    this.#bell = new Bell({ memory: shared.memory, slot, beats, ring: (peer) => this.#portTo(peer).ring() })
  }

  output(edge: ChainEdge, receiver: number): OutputChannel {
    const ends = this.#ends(edge, { from: this.#options.slot, to: receiver, peer: receiver })
    return new RingOutput(ends, this.#options.wanted?.(edge) ?? everything)
  }

  input(edge: ChainEdge, sender: number): InputChannel {
    return new RingInput(this.#ends(edge, { from: sender, to: this.#options.slot, peer: sender }))
  }

  #ends({ id }: ChainEdge, { from, to, peer }: { from: number; to: number; peer: number }): ChannelEnds {
    const { plan, shared, signal } = this.#options
    const number = plan.edges.findIndex((edge) => edge.id === id)
    return {
      memory: shared.memory,
      place: this.#layout.place(number, from, to),
      edge: { number, id },
      peer,
      port: this.#portTo(peer),
      bell: this.#bell,
      columns: this.#columns,
      signal,
    }
  }

  #portTo(peer: number): PeerPort {
    const port = this.#ports[peer]
    if (!port) throw new Error(`slot ${this.#options.slot} has no port to slot ${peer}`)
    return port
  }
}
