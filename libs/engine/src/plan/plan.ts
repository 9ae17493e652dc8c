import type { Exchange, OperatorKind } from '@lightflus/api'

/**
 * The physical plan of a graph: which operators are fused into chains, and how records get from chain to chain. Made by `planJob`; every worker makes the same plan of the same graph and parallelism.
 */
export interface PhysicalPlan {
  readonly job: string
  readonly parallelism: number
  /** All sources end by themselves, as the graph says: results come once, final. */
  readonly bounded: boolean
  /** In topological order: senders before receivers. */
  readonly chains: readonly Chain[]
  readonly edges: readonly ChainEdge[]
}

/** Operators fused into one loop: a tree whose root reads a source, or one or several exchanges. */
export interface Chain {
  /** Id of its root operator: unique in the plan. */
  readonly id: string
  readonly parallelism: number
  /** In the graph’s order: the root first, every operator after its parent. */
  readonly operators: readonly ChainOperator[]
  /** Edges that end at the root; none for a source chain. Their order is the order of a gate's channels. */
  readonly inputs: readonly ChainEdge[]
  /** Edges that leave operators of this chain. */
  readonly outputs: readonly ChainEdge[]
}

export interface ChainOperator {
  readonly id: string
  readonly kind: OperatorKind
  /** Names under which former versions kept its state; absent: none. */
  readonly formerly?: readonly string[]
  /** The operator in this chain that it receives from; undefined for the root. */
  readonly parent: string | undefined
  /** Name of the parent's side output that it takes; undefined for what the parent emits. */
  readonly output: string | undefined
}

/** An exchange: a channel from each subtask of one chain to each subtask of another, whichever records go where. */
export interface ChainEdge {
  /** `<from operator>-><to operator>`, and which of its inputs where that is not the first. */
  readonly id: string
  readonly fromChain: string
  readonly fromOperator: string
  /** Name of the side output of `fromOperator` that crosses; undefined for what it emits. */
  readonly output: string | undefined
  readonly toChain: string
  /** Which input of the receiving chain's root it is. */
  readonly input: number
  readonly exchange: Exchange
  /** Senders may combine records of one key and window: what crosses are partial results. Absent: they may not. */
  readonly combines?: true
}

/** One parallel instance of a chain. */
export interface SubtaskAddress {
  readonly chain: string
  readonly index: number
}

/** The text form of an address, `<chain>/<index>`: key of maps and name in messages. */
export function subtaskId({ chain, index }: SubtaskAddress): string {
  return `${chain}/${index}`
}

/** Every subtask of a plan, senders before receivers. */
export function subtasksOf(plan: PhysicalPlan): SubtaskAddress[] {
  return plan.chains.flatMap(({ id, parallelism }) =>
    Array.from({ length: parallelism }, (_, index) => ({ chain: id, index })),
  )
}
