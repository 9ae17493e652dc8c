import type { Key } from '@lightflus/api'

/** What a look-up finds: a map, or a function of the key. Null and undefined: nothing. */
export type TestLookup = ReadonlyMap<Key, unknown> | ((key: Key) => unknown)
