import type { JobDefinition, SourceDeclaration } from './definition.ts'
import { LightflusError } from './errors/lightflus-error.ts'
import { GraphBuilder } from './internal/graph-builder.ts'
import { resolveOptions } from './internal/options.ts'
import { operatorRules, type OperatorOptions } from './operators/operator-options.ts'
import { streams } from './streams/make-streams.ts'
import type { Stream } from './streams/stream.ts'

const jobBrand = Symbol.for('lightflus.job')
const jobName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Where a job's streams begin. */
export interface Flow {
  /**
   * A stream of what a source reads.
   * @example flow.source(generator.source({ generate: (index) => index, count: 10 }))
   */
  source<T>(source: SourceDeclaration<T>, options?: OperatorOptions): Stream<T>
}

/**
 * A job: a name, and a function that describes its graph. The function runs wherever the graph is needed (check,
 * every subtask), so it may depend on nothing but its code.
 *
 * @param name lower-case letters, digits and hyphens, 63 at most: the job's identity on the platform.
 * @throws LF_PROGRAM_OPTION when the name is not of that form.
 * @example
 * export default job('doubles', (flow) => {
 *   flow
 *     .source(generator.source({ generate: (index) => index, count: 3 }))
 *     .map((n) => n * 2)
 *     .sinkTo(table.sink({ row: (n) => ({ n }) }))
 * })
 */
export function job(name: string, build: (flow: Flow) => void): JobDefinition {
  if (typeof name !== 'string' || !jobName.test(name))
    throw new LightflusError('LF_PROGRAM_OPTION', `job: '${String(name)}' cannot name a job.`, {
      nextStep: 'Name it with lower-case letters, digits and hyphens, 63 at most, no hyphen at either end.',
    })
  const definition = {
    [jobBrand]: true,
    name,
    build() {
      const builder = new GraphBuilder(name)
      build({
        source(source, options) {
          const { name: id, formerly, onError } = resolveOptions('source', options, operatorRules)
          const from = builder.add({
            kind: 'source',
            name: id,
            formerly,
            connector: source.connector,
            connection: source.connection,
            options: { ...source.options, bounded: source.bounded, onError },
            functions: source.functions,
            inputs: [],
          })
          return streams.plain({ builder, streams, edge: { from } })
        },
      })
      return builder.finish()
    },
  }
  return definition
}

/** Whether a value was made by {@link job}, by this or another copy of this library. */
export function isJob(value: unknown): value is JobDefinition {
  return typeof value === 'object' && value !== null && (value as { [jobBrand]?: unknown })[jobBrand] === true
}
