import type { OperatorKind } from '@lightflus/api'
import { createAggregate } from './aggregate.ts'
import { createFilter } from './filter.ts'
import { createFlatMap } from './flat-map.ts'
import { createKeyBy } from './key-by.ts'
import { createMap } from './map.ts'
import type { Operator, OperatorContext } from './operator.ts'
import { createReduce } from './reduce.ts'
import { createWindow } from './window/window.ts'

/** Operators that need nothing but their context; sources and sinks also need a connector. */
export type InnerKind = Exclude<OperatorKind, 'source' | 'sink'>

const factories: { readonly [Kind in InnerKind]: (context: OperatorContext<Kind>) => Operator } = {
  map: createMap,
  flatMap: createFlatMap,
  filter: createFilter,
  keyBy: createKeyBy,
  reduce: createReduce,
  aggregate: createAggregate,
  window: createWindow,
}

export function createInnerOperator<Kind extends InnerKind>(kind: Kind, context: OperatorContext<Kind>): Operator {
  return factories[kind](context)
}
