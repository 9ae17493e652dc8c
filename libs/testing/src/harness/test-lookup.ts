import { LightflusError, type Key, type OperatorDefinition } from '@lightflus/api'
import type { Lookup, LookupContext } from '@lightflus/engine'

/** What a lookup finds: a map, or a function of the key that may return a promise. Null and undefined: nothing. */
export type TestLookup = ReadonlyMap<Key, unknown> | ((key: Key) => unknown)

/** Finds what the test gives. */
export function createTestLookup({ job, operator }: LookupContext, given: TestLookup | undefined): Lookup {
  const { id } = operator.node
  const find = typeof given === 'function' ? given : (key: Key) => given?.get(key)
  return {
    open: () => Promise.resolve(),
    async find(keys) {
      if (given === undefined)
        throw new LightflusError('LF_TEST_USAGE', `Job ${job}: the test does not say what lookup ${id} finds.`, {
          nextStep: `Give it what to find: testJob(job, { lookups: { '${id}': new Map([['key', { … }]]) } }).`,
        })
      return (await Promise.all(keys.map((key) => find(key)))).map((found) => found ?? null)
    },
    close: () => Promise.resolve(),
  }
}

/** The lookup without the connector's decoding: what the test gives is what the program sees. */
export function givenLookup({ node, functions }: OperatorDefinition<'lookup'>): OperatorDefinition<'lookup'> {
  const { key, combine } = functions
  return { node, functions: { key, combine } }
}
