import type { SinkDeclaration, SourceDeclaration, StandardSchema } from '@lightflus/api'

export interface ListSourceOptions<T> {
  readonly outOfOrdernessMs?: number
  readonly idlenessMs?: number | null
  /** What the graph says; whether it ends is the list's affair. Default false, so that results come early and late too. */
  readonly bounded?: boolean
  readonly decode?: (payload: unknown) => T
  readonly schema?: StandardSchema<unknown, T>
  readonly eventTime?: (value: T) => number
}

/** A source for `flow.source` that reads the lists of its operator's id. */
export function listSource<T>(options: ListSourceOptions<T> = {}): SourceDeclaration<T> {
  const { outOfOrdernessMs = 0, idlenessMs = null, bounded = false, ...functions } = options
  return { connector: 'list', bounded, options: { outOfOrdernessMs, idlenessMs, connector: {} }, functions }
}

/** A sink for `sinkTo` that collects what reaches it. */
export function listSink<T>(): SinkDeclaration<T> {
  return { accepts: 'changes', connector: 'list', options: { connector: {} }, functions: {} }
}
