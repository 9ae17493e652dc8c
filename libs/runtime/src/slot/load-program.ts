import { createHash } from 'node:crypto'
import { canonicalGraph, isLightflusError, LightflusError, type BuiltJob, type JobDefinition } from '@lightflus/api'

/** A program that was loaded: its graph, and how to build it again with closures of its own. */
export interface LoadedProgram {
  readonly first: BuiltJob
  readonly graphHash: string
  /** Builds anew, as every subtask wants it. */
  build(): BuiltJob
}

function isJobDefinition(value: unknown): value is JobDefinition {
  if (typeof value !== 'object' || value === null) return false
  const { name, build } = value as Partial<JobDefinition>
  return typeof name === 'string' && typeof build === 'function'
}

function wrapped(thrown: unknown, code: 'LF_BUNDLE_UNREADABLE' | 'LF_PROGRAM_BUILD', what: string): LightflusError {
  if (isLightflusError(thrown)) return thrown
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new LightflusError(code, `${what}: ${reason}`, { cause: thrown })
}

/**
 * Imports a bundle and builds its job.
 * @throws LF_BUNDLE_UNREADABLE, LF_PROGRAM_NO_JOB, LF_PROGRAM_BUILD, LF_GRAPH_MISMATCH where it is another job's, and
 * what the build function throws with a code of its own (LF_PROGRAM_OPTION, LF_PROGRAM_GRAPH)
 */
export async function loadProgram(job: string, bundleUrl: string): Promise<LoadedProgram> {
  let exported: { readonly default?: unknown }
  try {
    exported = (await import(bundleUrl)) as { readonly default?: unknown }
  } catch (thrown) {
    throw wrapped(thrown, 'LF_BUNDLE_UNREADABLE', `The bundle of job ${job} could not be loaded`)
  }
  const definition = exported.default
  if (!isJobDefinition(definition)) {
    throw new LightflusError('LF_PROGRAM_NO_JOB', `The bundle of job ${job} has no default export made by job().`)
  }
  if (definition.name !== job) {
    throw new LightflusError('LF_GRAPH_MISMATCH', `The bundle of job ${job} holds job ${definition.name}.`, {
      details: { job },
    })
  }
  const build = (): BuiltJob => {
    try {
      return definition.build()
    } catch (thrown) {
      throw wrapped(thrown, 'LF_PROGRAM_BUILD', `Building job ${job} failed`)
    }
  }
  const first = build()
  return { first, graphHash: createHash('sha256').update(canonicalGraph(first.graph)).digest('hex'), build }
}
