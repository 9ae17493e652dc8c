import type { ChainMember, InnerMember, MemberOutputs } from '../subtask/running-chain.ts'

/** Kinds of operators that one generated loop can stand for: they remember nothing from one record to the next. */
const fusedKinds = ['map', 'filter', 'flatMap', 'keyBy', 'union'] as const
export type FusedKind = (typeof fusedKinds)[number]

/** Operators behind each other, each but the last with the next as its only taker. */
export type Segment = readonly InnerMember[]

/**
 * The longest runs of operators that can be one loop, by their first operator. A run ends where records part or leave the
 * chain, before an operator with state, and before a second flatMap: records that each become many twice over would make
 * a batch without bound.
 *
 * @param members parents before children.
 */
export function findSegments(
  members: readonly ChainMember[],
  outputs: ReadonlyMap<ChainMember, MemberOutputs>,
): ReadonlyMap<InnerMember, Segment> {
  const segments = new Map<InnerMember, Segment>()
  const taken = new Set<ChainMember>()
  for (const member of members) {
    if (!('operator' in member) || taken.has(member) || !canBeFused(member)) continue
    const segment = [member]
    for (;;) {
      const next = onlyTaker(outputs.get(segment[segment.length - 1]))
      if (next === undefined || !canBeFused(next)) break
      if (isFlatMap(next) && segment.some(isFlatMap)) break
      segment.push(next)
    }
    for (const each of segment) taken.add(each)
    // A union alone hands on what it is given.
    if (segment.some(({ definition }) => definition.node.kind !== 'union')) segments.set(member, segment)
  }
  return segments
}

export function kindOf({ definition }: InnerMember): FusedKind {
  return definition.node.kind as FusedKind
}

/** The one function of an operator. */
export function functionOf({ definition }: InnerMember): unknown {
  const { fn, key } = definition.functions as { readonly fn?: unknown; readonly key?: unknown }
  return fn ?? key
}

/** Whether a generated loop can stand for the operator. */
export function canBeFused(member: InnerMember): boolean {
  const { kind } = member.definition.node
  if (!(fusedKinds as readonly string[]).includes(kind)) return false
  const fn = functionOf(member)
  // A function of whole batches gains more by being one.
  return kind === 'union' || (typeof fn === 'function' && !('batch' in fn))
}

const isFlatMap = (member: InnerMember): boolean => kindOf(member) === 'flatMap'

function onlyTaker(outputs: MemberOutputs | undefined): InnerMember | undefined {
  const takers = [...(outputs?.values() ?? [])]
  if (takers.length !== 1 || takers[0].exchanges.length > 0) return undefined
  const [only, ...others] = takers[0].consumers
  return others.length === 0 ? only : undefined
}
