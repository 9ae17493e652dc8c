import type { Key, ListState, MapState, ValueState } from '@lightflus/api'
import fc from 'fast-check'
import { MemoryStateStore, type MemoryDisk } from '../../testing/memory-state-store.ts'
import { KeyedStates } from './keyed-states.ts'
import type { TakeState } from './state-form.ts'
import { StoredStates } from './stored-states.ts'
import { UndoLog } from './undo-log.ts'

// Goal: whatever comes and goes between memory and the store, functions cannot tell that there is one.

const kinds = {
  value: { kind: 'value', ttlMs: null },
  list: { kind: 'list', ttlMs: 50 },
  map: { kind: 'map', ttlMs: null },
} as const

interface Handles {
  readonly value: ValueState<{ n: number }>
  readonly list: ListState<number>
  readonly map: MapState<string, number>
}

/** @param youngKeysMax undefined: without a store */
function open(clock: { now(): number }, youngKeysMax: number | undefined, disk: MemoryDisk = new Map()) {
  const current: { key: Key } = { key: '' }
  const undo = new UndoLog()
  const states = new KeyedStates(kinds, {}, { current, clock, undo })
  const stored =
    youngKeysMax === undefined ? undefined : new StoredStates(states, new MemoryStateStore(disk), clock, youngKeysMax)
  return { current, undo, states, stored, handles: states.handles as unknown as Handles }
}

const action = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 7, true),
  do: fc.constantFrom('set', 'changeInPlace', 'clear', 'add', 'cut', 'entry', 'removeEntry', 'read'),
  n: fc.nat(3),
  isUndone: fc.boolean(),
  waits: fc.constantFrom(0, 0, 0, 20, 200),
})

function act({ value, list, map }: Handles, what: string, n: number): unknown {
  if (what === 'set') value.set({ n })
  if (what === 'clear') value.clear()
  if (what === 'add') list.add(n)
  if (what === 'cut') list.set(list.get().slice(1))
  if (what === 'entry') map.set(`${n}`, n)
  if (what === 'removeEntry') map.delete(`${n}`)
  return { value: value.get(), list: list.get(), map: [...map.entries()] }
}

test('states that are in memory for a few keys at a time are as those that always are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(action, { maxLength: 60, size: 'max' }), (keys, actions) => {
      let now = 1_000
      const clock = { now: () => now }
      const both = [open(clock, undefined), open(clock, keys)]
      for (const each of actions) {
        now += each.waits
        const [expected, found] = both.map(({ current, undo, states, stored, handles }) => {
          if (each.waits > 0 && states.expiryDue <= now) states.expire(now)
          current.key = each.key
          stored?.enter(each.key)
          // What is undone is what was written, and not what an object of it was made.
          if (each.do === 'changeInPlace') {
            const value = handles.value.get()
            if (value !== undefined) value.n += 10
          }
          const result = structuredClone(act(handles, each.do, each.n))
          if (each.isUndone) undo.undo()
          else undo.keep()
          return result
        })
        expect(found).toEqual(expected)
      }
    }),
    { numRuns: 300 },
  )
})

test('what the store throws is told from what functions throw', () => {
  const { stored, current, handles } = open({ now: () => 0 }, 1)
  current.key = 'a'
  stored!.enter('a')
  handles.value.set({ n: (() => 1) as unknown as number })
  stored!.enter('b')
  let thrown: unknown
  try {
    stored!.enter('c')
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeDefined()
  expect(stored!.failure).toBe(thrown)
})

test('what comes back after a barrier is no part of what is copied of it', () => {
  const { stored, current, states, undo, handles } = open({ now: () => 0 }, 1)
  const enter = (key: Key): void => {
    undo.keep()
    current.key = key
    stored!.enter(key)
  }
  enter('a')
  handles.map.set('x', 1)
  handles.map.set('y', 1)
  stored!.snapshot()
  const frozen = states.freeze()
  const written: object[] = []
  frozen.begin((_, block) => written.push(block))
  enter('a')
  handles.map.set('x', 2)
  // It goes before the copying comes by.
  for (const key of ['b', 'c', 'd']) enter(key)
  while (frozen.advance(1));
  expect(written).toEqual([])
})

test('what is dropped or migrated on the way back is so for all keys, also for those that no record has', () => {
  const disk: MemoryDisk = new Map()
  const clock = { now: () => 0 }
  const takes: readonly TakeState[] = [
    (name) => (name === 'list' ? null : name === 'value' ? () => ({ n: 5 }) : undefined),
    // As the states are now.
    () => undefined,
  ]
  const first = open(clock, 1, disk)
  for (const key of ['a', 'b', 'c']) {
    first.current.key = key
    first.stored!.enter(key)
    act(first.handles, 'set', 1)
    act(first.handles, 'add', 2)
    act(first.handles, 'entry', 3)
  }
  let latest = first
  for (const take of takes) {
    const { segments } = latest.stored!.snapshot()
    latest = open(clock, 1, disk)
    const restored = segments.map((each) => ({ ...each, keyGroups: { first: 0, last: 127 } }))
    latest.stored!.restore({ subtasks: [], keyGroups: new Map(), segments: restored }, [], {
      former: Object.keys(kinds),
      take,
    })
  }
  for (const key of ['a', 'b', 'c']) {
    latest.current.key = key
    latest.stored!.enter(key)
    expect(act(latest.handles, 'read', 0)).toEqual({ value: { n: 5 }, list: [], map: [['3', 3]] })
  }
})
