import { LightflusError, type Graph } from '@lightflus/api'
import type { ResolvedOptions } from '../deployment-options.ts'

/** What a slot has built. The graph is known of the slots of this process, worker 0, of which slot 0 always is one. */
export interface BuiltProgram {
  readonly graph?: Graph
  readonly graphHash: string
}

/** The graph that all slots have built, by their numbers. @throws LF_GRAPH_MISMATCH */
export function agreedGraph(
  { jobName, graphHash }: ResolvedOptions,
  slots: ReadonlyMap<number, BuiltProgram>,
): { readonly graph: Graph; readonly graphHash: string } {
  const first = slots.get(0)!
  const expected = graphHash ?? first.graphHash
  for (const [slot, built] of slots) {
    if (built.graphHash === expected) continue
    throw new LightflusError(
      'LF_GRAPH_MISMATCH',
      `The graph of job ${jobName}, as slot ${slot} built it, has hash ${built.graphHash}; expected was ${expected}.`,
      { details: { job: jobName, slot, expected, found: built.graphHash } },
    )
  }
  return { graph: first.graph!, graphHash: first.graphHash }
}
