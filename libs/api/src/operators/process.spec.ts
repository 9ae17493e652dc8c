import {
  count,
  fold,
  generator,
  job,
  sideOutput,
  state,
  sum,
  table,
  tumbling,
  type Flow,
  type KeyedStream,
} from '../index.ts'

const numbers = (flow: Flow) => flow.source(generator.source({ generate: (index) => index, count: 3 }))
const sink = () => table.sink({ row: (value: unknown) => ({ value: String(value) }) })
const big = sideOutput<number>('big')

const graphOf = (build: (flow: Flow) => void) => job('shape', build).build().graph
const refusal = (build: (flow: Flow) => void) => expect(() => graphOf(build))

test('states are in the graph as data, and their folds beside the functions', () => {
  const built = job('shape', (flow) => {
    numbers(flow)
      .keyBy((n) => n % 2)
      .process(
        {
          state: {
            last: state.value<number>({ ttl: '1m', version: 2, migrate: Number }),
            total: state.reducing(sum((n: number) => n)),
            all: state.reducing(
              fold(
                () => 0,
                (all, n: number) => all + n,
                { version: 3, migrate: Math.abs },
              ),
            ),
          },
          onRecord: (n) => [n],
        },
        { name: 'totals' },
      )
      .sinkTo(sink())
  }).build()
  expect(built.graph.operators.find(({ id }) => id === 'totals')!.options).toEqual({
    onError: 'fail',
    keyed: true,
    state: {
      last: { kind: 'value', ttlMs: 60_000, version: 2 },
      total: { kind: 'reducing', ttlMs: null },
      all: { kind: 'reducing', ttlMs: null, version: 3 },
    },
  })
  expect(built.operators.get('totals')!.functions).toEqual({
    onRecord: expect.any(Function),
    reducers: {
      total: expect.objectContaining({ add: expect.any(Function) }),
      all: expect.objectContaining({ add: expect.any(Function) }),
    },
    migrations: { last: Number, all: Math.abs },
  })
})

test('a migration without a version, and one that is none, are refused', () => {
  expect(() => state.value<number>({ migrate: Number })).toThrow(
    'state.value: migrate can do nothing without a version above 1.',
  )
  expect(() => state.list<number>({ version: 2, migrate: 'me' as never })).toThrow(
    "option 'migrate' must be a function, or a schema (Standard Schema), not 'me'",
  )
  expect(() => state.map<string, number>({ version: 0 })).toThrow("option 'version' must be a whole number from 1")
})

test('inputs are numbered, and a side output is an edge of its own that counts as taken', () => {
  const graph = graphOf((flow) => {
    const keyed = numbers(flow).keyBy((n) => n % 2)
    const rules = numbers(flow).broadcast()
    const checked = keyed.connect(rules, {
      onRecord: (n, { output }) => output(big, n),
      onBroadcast: () => undefined,
    })
    checked.sideOutput(big).sinkTo(sink())
  })
  expect(graph.edges.slice(1)).toEqual([
    { from: 'keyBy-1', to: 'connectBroadcast-1', exchange: 'keyed' },
    { from: 'source-2', to: 'connectBroadcast-1', exchange: 'broadcast', input: 1 },
    { from: 'connectBroadcast-1', to: 'sink-1', exchange: 'forward', output: 'big' },
  ])
})

test('a function of whole windows has the side outputs of its window', () => {
  const late = sideOutput<number>('late')
  const graph = graphOf((flow) => {
    const windows = numbers(flow)
      .keyBy((n) => n % 2)
      .window(tumbling('1m'), { lateOutput: late })
      .process(({ records }) => records)
    windows.sinkTo(sink())
    windows.sideOutput(late).sinkTo(sink())
  })
  expect(graph.edges.at(-1)).toEqual({ from: 'window-1', to: 'sink-2', exchange: 'forward', output: 'late' })
})

test.each(['source', 'map', 'aggregate'])('a side output of what writes to none is refused: %s', (kind) => {
  refusal((flow) => {
    const stream = { source: numbers(flow), map: numbers(flow).map((n) => n), aggregate: totals(flow) }[kind]!
    stream.sideOutput(big).sinkTo(sink())
  }).toThrow(
    expect.objectContaining({
      code: 'LF_PROGRAM_GRAPH',
      message: expect.stringMatching(`takes side output 'big' of ${kind} '.*', which writes to none`),
    }),
  )
})

const totals = (flow: Flow) =>
  numbers(flow)
    .keyBy((n) => n)
    .aggregate({ n: count() })

test('without a key there is neither state nor a timer', () => {
  const spec = { state: { seen: state.value<number>() }, onRecord: () => [], onTimer: () => [] }
  refusal((flow) => void numbers(flow).process(spec as never)).toThrow(
    expect.objectContaining({
      code: 'LF_PROGRAM_OPTION',
      message: 'process: state and onTimer belong to keys, and the stream has none.',
    }),
  )
  refusal(
    (flow) => void numbers(flow).connect(numbers(flow).broadcast(), { ...spec, onBroadcast: () => [] } as never),
  ).toThrow('connect: state and onTimer belong to keys, and the stream has none.')
})

test('broadcast state has no time to live', () => {
  refusal((flow) =>
    numbers(flow).connect(numbers(flow).broadcast(), {
      broadcastState: { rule: state.value<number>({ ttl: '1h' }) },
      onRecord: () => [],
      onBroadcast: () => [],
    }),
  ).toThrow("connect: broadcast state 'rule' has a ttl: it would expire at another moment in every subtask.")
})

test('what is no state, or no function, is refused', () => {
  const keyed = (flow: Flow): KeyedStream<number, number> => numbers(flow).keyBy((n) => n)
  refusal((flow) => void keyed(flow).process({ state: { a: 1 }, onRecord: 'no' } as never)).toThrow(
    "process: option 'state' must be an object of states, such as { seen: state.value<number>() }, not an object; option 'onRecord' must be a function, not 'no'.",
  )
  expect(() => state.value({ ttl: 0 })).toThrow("state.value: option 'ttl' must be at least 1 ms, not 0.")
})
