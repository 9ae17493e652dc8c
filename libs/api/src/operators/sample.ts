import { fitting, optional, resolveOptions, whole } from '../internal/options.ts'
import { append, type Upstream } from '../streams/upstream.ts'
import { operatorRules, type OperatorOptions } from './operator-options.ts'

export interface SampleOptions extends OperatorOptions {
  /** Another seed chooses other records; a whole number below 2^32. Default 1. */
  readonly seed?: number
}

const isFraction = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1

export function addSample(input: Upstream, fraction: number, given: SampleOptions | undefined): Upstream {
  resolveOptions('sample', { fraction }, { fraction: fitting(isFraction, 'a number from 0 to 1') })
  const { name, formerly, onError, seed } = resolveOptions('sample', given, {
    ...operatorRules,
    seed: optional(whole(0, 0xffff_ffff), 1),
  })
  return append<'sample'>([input], {
    kind: 'sample',
    name,
    formerly,
    options: { onError, fraction, seed },
    functions: {},
  })
}
