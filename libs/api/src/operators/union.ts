import { append, type Upstream } from '../streams/upstream.ts'

export function addUnion(inputs: readonly [Upstream, ...Upstream[]]): Upstream {
  return append<'union'>(inputs, {
    kind: 'union',
    name: undefined,
    formerly: [],
    options: { onError: 'fail' },
    functions: {},
  })
}
