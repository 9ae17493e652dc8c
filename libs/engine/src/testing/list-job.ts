import type { SinkDeclaration, SourceDeclaration, StandardSchema } from '@lightflus/api'

export interface ListSourceOptions<T> {
  readonly outOfOrdernessMs?: number
  readonly idlenessMs?: number | null
  readonly decode?: (payload: unknown) => T
  readonly schema?: StandardSchema<unknown, T>
  readonly eventTime?: (value: T) => number
}

/** A source for `flow.source` that reads the lists of its operator's id. */
export function listSource<T>(options: ListSourceOptions<T> = {}): SourceDeclaration<T> {
  const { outOfOrdernessMs = 0, idlenessMs = null, ...functions } = options
  return { connector: 'list', options: { outOfOrdernessMs, idlenessMs, connector: {} }, functions }
}

/** A sink for `sinkTo` that collects what reaches it. */
export function listSink<T>(): SinkDeclaration<T> {
  return { connector: 'list', options: { connector: {} }, functions: {} }
}
