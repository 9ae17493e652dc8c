import type { OperatorKind } from '@lightflus/api'
import type { ConnectorRole } from '../connector.ts'
import { createAggregate } from './aggregate.ts'
import { createAssignTimestamps } from './assign-timestamps.ts'
import { createChanges } from './changes.ts'
import { createConnectBroadcast } from './connect-broadcast.ts'
import { createConnect } from './connect.ts'
import { createDeduplicate } from './deduplicate.ts'
import { createDistinctUntilChanged } from './distinct-until-changed.ts'
import { createFilter } from './filter.ts'
import { createFlatMap } from './flat-map.ts'
import { createIntervalJoin } from './interval-join.ts'
import { createJoin } from './join.ts'
import { createKeyBy } from './key-by.ts'
import { createMapAsync } from './map-async.ts'
import { createMap } from './map.ts'
import type { Operator, OperatorContext } from './operator.ts'
import { createProcess } from './process.ts'
import { createReduce } from './reduce.ts'
import { createSample } from './sample.ts'
import { reportingState } from './state-weight/reported-state.ts'
import { createTemporalJoin } from './temporal-join.ts'
import { createThrottle } from './throttle.ts'
import { createTopN } from './top-n.ts'
import { createUnion } from './union.ts'
import { createWindowJoin } from './window-join.ts'
import { createWindow } from './window/window.ts'

/** Operators that need nothing but their context; the others also need a connector. */
export type InnerKind = Exclude<OperatorKind, ConnectorRole>

const factories: { readonly [Kind in InnerKind]: (context: OperatorContext<Kind>) => Operator } = {
  map: createMap,
  flatMap: createFlatMap,
  filter: createFilter,
  keyBy: createKeyBy,
  reduce: createReduce,
  aggregate: createAggregate,
  union: createUnion,
  process: createProcess,
  connect: createConnect,
  connectBroadcast: createConnectBroadcast,
  mapAsync: createMapAsync,
  sample: createSample,
  throttle: createThrottle,
  deduplicate: createDeduplicate,
  distinctUntilChanged: createDistinctUntilChanged,
  topN: createTopN,
  windowJoin: createWindowJoin,
  intervalJoin: createIntervalJoin,
  join: createJoin,
  temporalJoin: createTemporalJoin,
  changes: createChanges,
  assignTimestamps: createAssignTimestamps,
  window: createWindow,
}

export function createInnerOperator<Kind extends InnerKind>(kind: Kind, context: OperatorContext<Kind>): Operator {
  return reportingState(factories[kind](context), context.state)
}
