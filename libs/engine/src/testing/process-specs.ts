import type { Aggregate, Migrations, ProcessFunctions, ProcessSpec, StateSpecs } from '@lightflus/api'
import { createProcess } from '../operators/process.ts'
import type { TestedOperator } from './operator-table.ts'

interface Spec {
  readonly state?: StateSpecs
  readonly onRecord: (value: never, context: never) => Iterable<unknown> | void
  readonly onTimer?: (time: number, context: never) => Iterable<unknown> | void
}

/** Options and functions of a process operator, as the API makes them of what a program says. */
export function processOptions({ state = {}, onRecord, onTimer }: Spec) {
  const functions = {
    onRecord,
    ...(onTimer && { onTimer }),
    reducers: reducersOf(state),
    migrations: migrationsOf(state),
  } as ProcessFunctions
  return { functions, options: { keyed: true, state: statesOf(state) } }
}

/** A process operator that is tested alone. */
export const testedProcess = <S extends StateSpecs>(
  spec: ProcessSpec<never, string, S, unknown>,
): TestedOperator<'process'> => ({ kind: 'process', create: createProcess, ...processOptions(spec) })

export function statesOf(specs: StateSpecs) {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const { version } = spec.kind === 'reducing' ? spec.aggregate : spec
      return [name, { kind: spec.kind, ttlMs: spec.ttlMs, ...(version && { version }) }]
    }),
  )
}

export function migrationsOf(specs: StateSpecs): Migrations {
  return Object.fromEntries(
    Object.entries(specs).flatMap(([name, spec]) => {
      const { migrate } = spec.kind === 'reducing' ? spec.aggregate : spec
      return migrate ? [[name, migrate]] : []
    }),
  )
}

export function reducersOf(specs: StateSpecs): Record<string, Aggregate> {
  return Object.fromEntries(
    Object.entries(specs).flatMap(([name, spec]) => (spec.kind === 'reducing' ? [[name, spec.aggregate]] : [])),
  )
}
