import type { Key } from '../definition.ts'
import { append, taking, type Upstream } from '../streams/upstream.ts'
import { resolveOptions } from '../internal/options.ts'
import { operatorRules, requireFunction, type OperatorOptions } from './operator-options.ts'

/** @returns the keyed end: whoever takes it gets the records of the keys that it owns. */
export function addKeyBy(input: Upstream, key: (value: any) => Key, given: OperatorOptions | undefined): Upstream {
  requireFunction('keyBy', key)
  const { name, formerly, onError } = resolveOptions('keyBy', given, operatorRules)
  return keyed(append<'keyBy'>([input], { kind: 'keyBy', name, formerly, options: { onError }, functions: { key } }))
}

/** One key for all records: what brings them to one subtask. */
export function addKeyByNothing(input: Upstream): Upstream {
  const options = { onError: 'fail', all: true }
  return keyed(
    append<'keyBy'>([input], { kind: 'keyBy', name: undefined, formerly: [], options, functions: { key: () => '' } }),
  )
}

const keyed = (end: Upstream): Upstream => taking(end, { exchange: 'keyed' })
