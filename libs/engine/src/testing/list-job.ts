import type { SinkDeclaration, SourceDeclaration, SourceFunctions, StandardSchema, WatermarkKind } from '@lightflus/api'

export interface ListSourceOptions<T> {
  readonly outOfOrdernessMs?: number
  /** Another rule than `outOfOrdernessMs`, and its functions. */
  readonly watermark?: WatermarkKind
  readonly watermarkFunctions?: SourceFunctions['watermark']
  /** Default null: tests run at the year 1970. */
  readonly maxClockAheadMs?: number | null
  readonly idlenessMs?: number | null
  readonly alignment?: { readonly group: string; readonly maxDriftMs: number }
  /** What the graph says; whether it ends is the list's affair. Default false, so that results come early and late too. */
  readonly bounded?: boolean
  readonly decode?: (payload: unknown) => T
  readonly schema?: StandardSchema<unknown, T>
  readonly eventTime?: (value: T) => number
}

/** A source for `flow.source` that reads the lists of its operator's id. */
export function listSource<T>(options: ListSourceOptions<T> = {}): SourceDeclaration<T> {
  const { outOfOrdernessMs = 0, watermark = { kind: 'boundedOutOfOrderness', outOfOrdernessMs }, ...rest } = options
  const { watermarkFunctions, maxClockAheadMs = null, idlenessMs = null, alignment = null, ...others } = rest
  const { bounded = false, ...functions } = others
  return {
    connector: 'list',
    bounded,
    options: { watermark, maxClockAheadMs, idlenessMs, alignment, connector: {} },
    functions: { ...functions, ...(watermarkFunctions && { watermark: watermarkFunctions }) },
  }
}

/** A sink for `sinkTo` that collects what reaches it. */
export function listSink<T>(): SinkDeclaration<T, 'changes'> {
  return { accepts: 'changes', connector: 'list', options: { connector: {} }, functions: {} }
}
