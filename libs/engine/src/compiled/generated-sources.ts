import type { BuiltJob, OperatorDefinition } from '@lightflus/api'
import type { Chain, PhysicalPlan } from '../plan/plan.ts'
import type { ChainMember, InnerMember, MemberOutputs } from '../subtask/running-chain.ts'
import { readerSource } from './reader-source.ts'
import { stepsOf } from './run-segment.ts'
import { segmentSource } from './segment-source.ts'
import { findSegments } from './segments.ts'

/** The code that is generated for a chain's source and for its runs of operators without state. */
export interface GeneratedSource {
  readonly chain: string
  readonly texts: readonly string[]
}

/**
 * For people to read: what subtasks make functions of, but for what depends on the outside systems (whether a sink takes
 * texts) and is in their titles (subtask and attempt).
 */
export function generatedSources({ name, operators }: BuiltJob, plan: PhysicalPlan): GeneratedSource[] {
  return plan.chains.map((chain) => {
    const title = `job ${name}, chain ${chain.id}`
    const segments = segmentsOf(chain, operators)
    const texts = [...segments].map((segment) => segmentSource(title, stepsOf(segment)))
    const { node, functions } = operators.get(chain.id)!
    if (node.kind !== 'source') return { chain: chain.id, texts }
    const { decode, schema, eventTime } = functions as OperatorDefinition<'source'>['functions']
    const steps = { decodes: !!decode, validates: !!schema, dates: !!eventTime, scans: false }
    return { chain: chain.id, texts: [readerSource(title, steps), ...texts] }
  })
}

function segmentsOf({ operators, outputs }: Chain, definitions: BuiltJob['operators']) {
  const members = new Map<string, ChainMember>()
  for (const { id, kind } of operators) {
    const facts = {
      definition: definitions.get(id)!,
      ...(kind === 'source' ? { source: undefined } : { operator: undefined }),
    }
    // Only its definition is looked at.
    members.set(id, facts as unknown as ChainMember)
  }
  const takers = new Map<ChainMember, MemberOutputs>()
  const takersOf = (id: string, output: string | undefined) => {
    const own =
      takers.get(members.get(id)!) ?? new Map<string | undefined, { consumers: InnerMember[]; exchanges: never[] }>()
    takers.set(members.get(id)!, own)
    const taken = own.get(output) ?? { consumers: [], exchanges: [] }
    own.set(output, taken)
    return taken
  }
  for (const { id, parent, output } of operators)
    if (parent !== undefined) takersOf(parent, output).consumers.push(members.get(id) as InnerMember)
  for (const { fromOperator, output } of outputs) takersOf(fromOperator, output).exchanges.push(undefined as never)
  return findSegments([...members.values()], takers).values()
}
