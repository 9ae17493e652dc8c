import type { FrozenState } from '../../checkpoint/frozen-state.ts'
import { joinBlocks } from '../../checkpoint/written-state.ts'
import { VirtualHost } from '../../testing/virtual-host.ts'
import { KeyedStates } from './keyed-states.ts'

// Goal: what one key has much of is copied in many steps, as it was at the barrier. What functions do to states otherwise is a
// property: checkpoint/frozen-functions.property.spec.ts.

interface Handles {
  readonly list: { add(value: number): void; set(values: number[]): void; get(): number[] }
  readonly map: { set(key: number, value: { n: number }): void; get(key: number): { n: number }; clear(): void }
}

interface Copied {
  readonly list?: { readonly keys: unknown[]; readonly values: number[]; readonly expiresAt: number[] | null }
  readonly map?: { readonly keys: unknown[]; readonly entryKeys: number[]; readonly values: { readonly n: number }[] }
}

function statesWith(ttlMs: number | null) {
  const host = new VirtualHost()
  const options = { list: { kind: 'list', ttlMs }, map: { kind: 'map', ttlMs } } as const
  const states = new KeyedStates(options, {}, { clock: host.clock, current: { key: 'a' }, undo: undefined })
  return { states, host, ...(states.handles as unknown as Handles) }
}

/** Begins to copy; @returns the frozen state, and what was written of the one key. */
function begin(states: KeyedStates): { readonly frozen: FrozenState; readonly copied: () => Copied } {
  const blocks: unknown[] = []
  const frozen = states.freeze()
  frozen.begin((_, block) => blocks.push(structuredClone(block)))
  return {
    frozen,
    copied() {
      while (frozen.advance(1));
      return joinBlocks(structuredClone(blocks)) as Copied
    },
  }
}

/** How many times it is to be asked to go on, by one each. */
function steps(frozen: FrozenState): number {
  let count = 1
  while (frozen.advance(1)) count++
  return count
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

test('a long list is copied in ranges, while values are added and others expire', () => {
  const { states, host, list } = statesWith(1_000)
  list.set(upTo(500))
  host.advanceTo(500)
  for (let n = 500; n < 1_000; n++) list.add(n)
  const { frozen, copied } = begin(states)
  frozen.advance(3)
  list.add(1_000)
  host.advanceTo(1_100)
  states.expire(1_100)
  expect(list.get()).toEqual(upTo(1_001).slice(500))
  expect(copied().list!.values).toEqual(upTo(1_000))
  expect(steps(begin(states).frozen)).toBeGreaterThan(501 / 64)
})

test('a list comes back from its ranges', () => {
  const { states, list } = statesWith(null)
  list.set(upTo(1_000))
  const restored = statesWith(null)
  restored.states.restore(begin(states).copied() as Record<string, unknown>, () => undefined)
  expect(restored.list.get()).toEqual(upTo(1_000))
})

test('a large map is copied by entries, also one that is cleared meanwhile', () => {
  const { states, map } = statesWith(null)
  for (const n of upTo(1_000)) map.set(n, { n })
  const { frozen, copied } = begin(states)
  frozen.advance(10)
  map.get(5).n = -1
  map.get(500).n = -1
  map.clear()
  map.set(1, { n: -1 })
  const { entryKeys, values } = copied().map!
  expect(entryKeys.map((key, i) => [key, values[i].n]).sort(([a], [b]) => a - b)).toEqual(
    upTo(1_000).map((n) => [n, n]),
  )
  expect(map.get(1)).toEqual({ n: -1 })
})

test('what is handed out while states are copied is an object of its own, and the same again afterwards', () => {
  const { states, map } = statesWith(null)
  const shared = { n: 1 }
  for (const key of [1, 2]) map.set(key, shared)
  const before = map.get(1)
  const { copied } = begin(states)
  const handedOut = map.get(1)
  handedOut.n = 2
  expect([before, map.get(2)]).toEqual([{ n: 1 }, { n: 1 }])
  expect(map.get(1)).toBe(handedOut)
  expect(copied().map!.values).toEqual([{ n: 1 }, { n: 1 }])
  expect(map.get(1)).toBe(handedOut)
})
