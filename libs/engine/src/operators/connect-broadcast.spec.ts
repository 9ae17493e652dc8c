import {
  count,
  sideOutput,
  state,
  type BroadcastContext,
  type ConnectBroadcastFunctions,
  type KeyedConnectBroadcastSpec,
  type StatesOf,
  type StateSpecs,
} from '@lightflus/api'
import { createConnectBroadcast } from './connect-broadcast.ts'
import { makeOperator, runTable, type TestedOperator } from '../testing/operator-table.ts'
import { operatorContext } from '../testing/operator-context.ts'
import { reducersOf, statesOf } from '../testing/process-specs.ts'

const connected = <S extends StateSpecs, BS extends StateSpecs>(
  {
    state: specs = {} as S,
    broadcastState = {} as BS,
    ...functions
  }: KeyedConnectBroadcastSpec<never, never, string, S, BS, unknown>,
  keyed = true,
): TestedOperator<'connectBroadcast'> => ({
  kind: 'connectBroadcast',
  create: createConnectBroadcast,
  functions: {
    ...functions,
    reducers: reducersOf(specs),
    broadcastReducers: reducersOf(broadcastState),
  } as ConnectBroadcastFunctions,
  options: { keyed, state: statesOf(specs), broadcastState: statesOf(broadcastState) },
})

const broadcastState = {
  limit: state.value<number>(),
  names: state.map<string, number>(),
  all: state.list<number>(),
  changes: state.reducing(count()),
}
const rules = {
  broadcastState,
  onBroadcast(limit: number, { broadcast, timestamp }: BroadcastContext<typeof broadcastState>) {
    broadcast.limit.set(limit)
    broadcast.names.set(`max${limit}`, limit)
    broadcast.all.add(limit)
    broadcast.changes.add(limit)
    return [`rule ${limit} at ${timestamp}`]
  },
}

test('what is broadcast is known to the records of every key, beside state and timers of their own', async () => {
  await runTable(
    connected({
      ...rules,
      state: { seen: state.value<number>() },
      onRecord(n: number, { key, broadcast, state: { seen }, timers }) {
        seen.set((seen.get() ?? 0) + 1)
        timers.setEventTime(n)
        const { limit, names, all, changes } = broadcast
        if (n <= (limit.get() ?? Infinity)) return
        return [
          [
            key,
            n,
            seen.get(),
            [...names.entries()],
            names.has('max5'),
            names.get('max5'),
            names.size,
            all.get(),
            all.length,
            changes.get(),
          ],
        ]
      },
      onTimer: (time, { key, broadcast }) => [`${key}${time} of ${broadcast.limit.get()}`],
    }),
    `in   a:9@1
     in1  :5@2
     out  "rule 5 at 2"@2
     in   a:6@3 b:4@4 b:8@5
     out  ["a",6,2,[["max5",5]],true,5,1,[5],1,1]@3
     out  ["b",8,2,[["max5",5]],true,5,1,[5],1,1]@5
     wm   4
     out  "b4 of 5"@4
     in1  :7@6
     out  "rule 7 at 6"@6
     wm   max
     out  "a6 of 7"@6
     out  "b8 of 7"@8
     out  "a9 of 7"@9`,
  )
})

test('records without keys see it as well', async () => {
  await runTable(
    connected(
      { ...rules, onRecord: (n: number, { key, broadcast }) => [[key, n > (broadcast.limit.get() ?? Infinity)]] },
      false,
    ),
    `in   :9@1
     out  [null,false]@1
     in1  :5@2
     out  "rule 5 at 2"@2
     in   :9@3
     out  [null,true]@3`,
  )
})

test.each<[string, (broadcast: StatesOf<typeof broadcastState>) => void]>([
  ['value.set', ({ limit }) => limit.set(1)],
  ['value.clear', ({ limit }) => limit.clear()],
  ['list.add', ({ all }) => all.add(1)],
  ['list.set', ({ all }) => all.set([])],
  ['list.clear', ({ all }) => all.clear()],
  ['map.set', ({ names }) => names.set('a', 1)],
  ['map.delete', ({ names }) => names.delete('a')],
  ['map.clear', ({ names }) => names.clear()],
  ['reducing.add', ({ changes }) => changes.add(1)],
  ['reducing.clear', ({ changes }) => changes.clear()],
])('onRecord may not write to it, under either setting: %s', async (_, write) => {
  const tested = connected({
    ...rules,
    onRecord: (_: number, { broadcast }) => write(broadcast as StatesOf<typeof broadcastState>),
  })
  for (const onError of ['fail', 'skip'] as const)
    await expect(runTable({ ...tested, onError }, 'in a:1@1')).rejects.toMatchObject({
      code: 'LF_USER_CONTEXT',
      message: expect.stringMatching(
        /broadcast state '\w+' is to be read only here: onBroadcast alone may write to it/,
      ),
    })
})

test('what onBroadcast wrote before it threw is taken back when the record is skipped', async () => {
  const { metrics } = await runTable(
    {
      ...connected({
        broadcastState: rules.broadcastState,
        onRecord: (_: number, { broadcast: { limit, all } }) => [[limit.get() ?? null, all.get()]],
        onBroadcast(n: number, { broadcast: { limit, all } }) {
          all.add(n)
          limit.set(n)
          if (n === 2) throw new Error('no')
        },
      }),
      onError: 'skip',
    },
    `in1  :1@1 :2@2
     in   a:0@3
     out  [1,[1]]@3`,
  )
  expect(metrics.recordsSkipped).toBe(1)
})

const noted = sideOutput<number>('noted')

/** The operator as one of several subtasks runs it. */
function subtask(index: number, options: object = {}) {
  const { create, functions, ...tested } = connected({
    ...rules,
    onRecord: (_: number, { broadcast }) => [broadcast.all.get()],
    onBroadcast(n: number, context) {
      context.output(noted, n)
      return rules.onBroadcast(n, context)
    },
  })
  const operator = create(
    operatorContext(
      {
        node: {
          id: 'rules',
          kind: 'connectBroadcast',
          named: true,
          options: { ...tested.options, ...options } as never,
        },
        functions,
      },
      { subtask: { index, parallelism: 3 } },
    ),
  )
  const emitted: unknown[] = []
  const output = {
    emit: ({ values }: { readonly values: readonly unknown[] }) => void emitted.push(...values),
    emitSide: (_: string, { values }: { readonly values: readonly unknown[] }) => void emitted.push(...values),
  }
  const take = (values: number[], input: number) =>
    operator.processBatch(
      { values, timestamps: values, ...(input === 0 && { keys: values.map(() => 'a') }) },
      output,
      input,
    )
  return { operator, emitted, take }
}

test('every subtask knows what was broadcast, and one of them emits what onBroadcast returns', () => {
  const [first, second] = [subtask(0), subtask(1)]
  for (const { take } of [first, second]) {
    take([1, 2], 1)
    take([9], 0)
  }
  expect(first.emitted).toEqual(['rule 1 at 1', 'rule 2 at 2', 1, 2, [1, 2]])
  expect(second.emitted).toEqual([[1, 2]])
})

test('subtasks of any number take it from the one that has put it into its snapshot', () => {
  const left = [subtask(0), subtask(1)].map(({ operator, take }) => {
    take([1, 2], 1)
    return structuredClone(operator.snapshot()!)
  })
  expect(JSON.stringify(left[1].subtask)).not.toContain('max1')
  for (const index of [0, 1, 2]) {
    const { operator, take, emitted } = subtask(index)
    operator.restore({ subtasks: left.map((each) => each.subtask), keyGroups: new Map() })
    take([3], 0)
    expect(emitted).toEqual([[1, 2]])
  }
})

test('broadcast state of other names or kinds is refused', () => {
  const { subtask: left } = structuredClone(
    makeOperator(connected({ ...rules, onRecord: () => [] })).operator.snapshot()!,
  )
  const { operator } = subtask(0, { broadcastState: { limit: { kind: 'list', ttlMs: null } } })
  expect(() => operator.restore({ subtasks: [left], keyGroups: new Map() })).toThrow(
    expect.objectContaining({
      code: 'LF_RESTORE_MISMATCH',
      message:
        "Job test: the checkpoint's broadcast state of operator rules does not fit: limit is value, and list in the program; names (map) is not in the program; all (list) is not in the program; changes (reducing (count)) is not in the program.",
    }),
  )
})
