import { stateEntries } from './state-entries.ts'
import type { OperatorSnapshot } from './snapshot.ts'

// Goal: what is in a checkpoint, said so that people can read it.

const entries = (group: unknown, subtask?: unknown) => [
  ...stateEntries({ operator: 'o', kind: 'process', subtask, keyGroups: new Map() } satisfies OperatorSnapshot, group),
]

test('states of a function are told value by value, and its timers', () => {
  const states = {
    last: { keys: ['a'], values: [{ n: 1 }], expiresAt: [7] },
    all: { keys: ['a', 'b'], lengths: [2, 1], values: [1, 2, 3], expiresAt: null },
    by: { keys: ['b'], sizes: [1], entryKeys: ['x'], values: [9], expiresAt: null },
  }
  const eventTimers = { keys: ['a'], times: [60], positions: [0] }
  expect(entries({ states, eventTimers })).toEqual([
    { key: 'a', state: 'last', value: { n: 1 }, expiresAt: 7 },
    { key: 'a', state: 'all', value: 1 },
    { key: 'a', state: 'all', value: 2 },
    { key: 'b', state: 'all', value: 3 },
    { key: 'b', state: 'by', entry: 'x', value: 9 },
    { key: 'a', timer: 'eventTime', time: 60 },
  ])
})

const fold = [{ name: 'n', form: 'count' }, { name: 'total' }]

test('folds are told by the names of their aggregates, and windows by their bounds', () => {
  expect(entries({ keys: ['a'], cells: [[1, 5]], rows: [1], timestamps: [3] }, { fold })).toEqual([
    { key: 'a', accumulators: { n: 1, total: 5 }, rows: 1, timestamps: 3 },
  ])
  expect(entries({ keys: ['a'], cells: [[5]], rows: [1] }, { fold: [{ name: '' }] })).toEqual([
    { key: 'a', value: 5, rows: 1 },
  ])
  const slices = { firedBy: 0, keys: ['a'], starts: [60], cells: [[1, 5]], correctedKeys: [], correctedEnds: [] }
  const accumulators = { n: 1, total: 5 }
  expect(entries(slices, { fold, sizeMs: 10, slideMs: 10 })).toEqual([
    { key: 'a', window: { start: 60, end: 70 }, accumulators },
  ])
  expect(entries(slices, { fold, sizeMs: 10, slideMs: 5 })).toEqual([{ key: 'a', slice: { start: 60 }, accumulators }])
  expect(entries({ keys: ['a'], starts: [1], ends: [4], cells: [[1, 5]] }, { fold })).toEqual([
    { key: 'a', window: { start: 1, end: 4 }, accumulators },
  ])
  expect(entries({ keys: ['a'], counted: [{ seen: 3, cells: [[1, 5]] }] }, { fold })).toEqual([
    { key: 'a', records: 3, windows: [{ accumulators }] },
  ])
})

test('all else is told by its columns, and where there are several sides, by the side', () => {
  expect(entries({ keys: ['a', 'b'], times: [1, 2], other: 'none' })).toEqual([
    { key: 'a', times: 1 },
    { key: 'b', times: 2 },
  ])
  expect(
    entries([
      { keys: ['a'], rows: [1] },
      { keys: ['b'], rows: [2] },
    ]),
  ).toEqual([
    { key: 'a', side: 0, rows: 1 },
    { key: 'b', side: 1, rows: 2 },
  ])
})
