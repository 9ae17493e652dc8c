import { maxWatermark, minWatermark } from '../record.ts'
import type { ExchangeOutput } from './exchange-output.ts'
import type { ChainMember, InnerMember, MemberOutputs } from './running-chain.ts'

/** One operator on the watermark's way. */
interface Step {
  readonly member: ChainMember
  /** Undefined for the root. */
  readonly parent: Step | undefined
  readonly exchanges: readonly ExchangeOutput[]
  /** The last one that was given to the operator. */
  incoming: number
  /** The last one that its consumers were given. */
  outgoing: number
}

/**
 * The watermark's way through the tree of a chain: what an operator is given it passes on, after what it emitted because
 * of it, unless it makes a watermark of its own (`outputWatermark`). None ever goes back. Idleness goes to all alike.
 */
export class ChainWatermarks {
  readonly #steps: Step[] = []
  readonly #making: readonly Step[]
  readonly #deliver: (member: InnerMember, watermark: number) => void | Promise<void>
  #idle = false

  /** @param members parents before children. */
  constructor(
    members: readonly ChainMember[],
    outputs: ReadonlyMap<ChainMember, MemberOutputs>,
    deliver: (member: InnerMember, watermark: number) => void | Promise<void>,
  ) {
    const takersOf = (member: ChainMember) => [...(outputs.get(member)?.values() ?? [])]
    for (const member of members)
      this.#steps.push({
        member,
        parent: this.#steps.find((step) =>
          takersOf(step.member).some(({ consumers }) => (consumers as ChainMember[]).includes(member)),
        ),
        exchanges: takersOf(member).flatMap(({ exchanges }) => exchanges),
        incoming: minWatermark,
        outgoing: minWatermark,
      })
    this.#making = this.#steps.filter(({ member }) => 'operator' in member && member.operator.outputWatermark)
    this.#deliver = deliver
  }

  /** One that has come to the root, or that the source at the root has. */
  async pass(timestamp: number, idle: boolean): Promise<void> {
    const wakes = idle !== this.#idle
    this.#idle = idle
    await this.#run(timestamp, wakes)
  }

  /** After records: operators that make a watermark of their own may have come to another. */
  passOwn(): void | Promise<void> {
    if (this.#making.some((step) => outputOf(step, step.incoming) > step.outgoing))
      return this.#run(this.#steps[0].incoming, false)
  }

  async #run(timestamp: number, tellIdleness: boolean): Promise<void> {
    for (const step of this.#steps) {
      const incoming = step.parent ? step.parent.outgoing : timestamp
      if (incoming > step.incoming) {
        step.incoming = incoming
        if ('operator' in step.member) await this.#deliver(step.member, incoming)
      }
      const outgoing = Math.max(step.outgoing, outputOf(step, step.incoming))
      const rises = outgoing > step.outgoing
      step.outgoing = outgoing
      if (rises && outgoing !== maxWatermark) step.member.metrics.watermark = outgoing
      if (!rises && !tellIdleness) continue
      for (const exchange of step.exchanges) {
        const wait = exchange.broadcast({ kind: 'watermark', timestamp: outgoing, idle: this.#idle })
        if (wait) await wait
      }
    }
  }
}

function outputOf({ member }: Step, incoming: number): number {
  const make = 'operator' in member ? member.operator.outputWatermark : undefined
  return make === undefined ? incoming : make(incoming)
}
