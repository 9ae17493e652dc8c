import type { OnError, TriggerOptions, Windower } from '@lightflus/api'
import { columnFold, type ColumnFold } from '../../state-table/column-fold.ts'
import { aggregatesFold, reduceFold, type Fold } from '../fold/fold.ts'
import type { OperatorContext } from '../operator.ts'

/** Options of a window as the graph holds them. */
export interface WindowNodeOptions {
  readonly onError: OnError
  readonly windower: Windower<unknown>
  readonly allowedLatenessMs: number
  /** Name of the side output of late records. */
  readonly lateOutput: string | null
  /** Null: event time, or the clock for windows of processing time, and then each late record. */
  readonly trigger: TriggerOptions | null
  readonly panes: 'accumulating' | 'discarding' | 'retracting'
  /** False: results have no key. */
  readonly keyed: boolean
  /** Names of the aggregates; null: a reduce. */
  readonly aggregates: readonly string[] | null
  /** Of what a reduce makes; absent: 1. */
  readonly version?: number
}

type Declared = Pick<OperatorContext<'window'>, 'operator'>

export function windowOptions({ operator }: Declared): WindowNodeOptions {
  return operator.node.options as unknown as WindowNodeOptions
}

/** What is made of a window's records. */
export function windowFold(context: Declared): Fold {
  const { aggregates, onError, version } = windowOptions(context)
  const { functions } = context.operator
  return aggregates === null
    ? reduceFold(functions.reduce!, { version, migrate: functions.migrate })
    : aggregatesFold(aggregates, functions.aggregates!, onError)
}

/** The same into columns, where the accumulators of all aggregates are numbers only. */
export function windowColumns(context: Declared): ColumnFold | undefined {
  const { aggregates } = windowOptions(context)
  return aggregates === null ? undefined : columnFold(aggregates, context.operator.functions.aggregates!)
}
