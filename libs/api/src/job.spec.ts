import fc from 'fast-check'
import {
  canonicalGraph,
  count,
  durationMs,
  files,
  generator,
  isJob,
  isLightflusError,
  job,
  kafka,
  shopEvents,
  table,
  text,
  tumbling,
  type Flow,
} from './index.ts'

const numbers = (flow: Flow) => flow.source(generator.source({ generate: (index) => index, count: 3 }))
const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    if (isLightflusError(error)) return `${error.code} ${error.message}`
    throw error
  }
  return 'no error'
}

test('a program becomes a graph of plain JSON, with names, defaults and keyed exchanges', () => {
  const built = job('shape', (flow) => {
    const keyed = numbers(flow)
      .map((n) => n + 1, { name: 'plus-one' })
      .keyBy((n) => n % 2)
    keyed
      .window(tumbling('1s', { offset: 1_500 }), { name: 'windows', onError: 'skip' })
      .aggregate({ n: count() })
      .sinkTo(table.sink())
  }).build()
  expect(JSON.parse(JSON.stringify(built.graph))).toEqual({
    formatVersion: 1,
    job: 'shape',
    operators: [
      {
        id: 'source-1',
        kind: 'source',
        named: false,
        connector: 'generator',
        options: {
          watermark: { kind: 'boundedOutOfOrderness', outOfOrdernessMs: 0 },
          maxClockAheadMs: null,
          idlenessMs: null,
          alignment: null,
          bounded: true,
          onError: 'fail',
          connector: { count: 3, perSecond: null, partitions: 1, seed: 1 },
        },
      },
      { id: 'plus-one', kind: 'map', named: true, options: { onError: 'fail' } },
      { id: 'keyBy-1', kind: 'keyBy', named: false, options: { onError: 'fail' } },
      {
        id: 'windows',
        kind: 'window',
        named: true,
        options: {
          onError: 'skip',
          windower: { kind: 'tumbling', sizeMs: 1_000, offsetMs: 500, time: 'event' },
          allowedLatenessMs: 0,
          lateOutput: null,
          trigger: null,
          panes: 'accumulating',
          keyed: true,
          aggregates: ['n'],
        },
      },
      {
        id: 'sink-1',
        kind: 'sink',
        named: false,
        connector: 'table',
        options: { connector: { rowsMax: 100 }, onError: 'fail' },
      },
    ],
    edges: [
      { from: 'source-1', to: 'plus-one', exchange: 'forward' },
      { from: 'plus-one', to: 'keyBy-1', exchange: 'forward' },
      { from: 'keyBy-1', to: 'windows', exchange: 'keyed' },
      { from: 'windows', to: 'sink-1', exchange: 'forward' },
    ],
  })
})

test('every build is a graph of its own, with the same text', () => {
  const definition = job('twice', (flow) => numbers(flow).sinkTo(table.sink({ row: (n) => ({ n }) })))
  expect(definition.build()).not.toBe(definition.build())
  expect(canonicalGraph(definition.build().graph)).toBe(canonicalGraph(definition.build().graph))
  expect(isJob(definition)).toBe(true)
  expect(isJob({ name: 'twice', build: () => undefined })).toBe(false)
})

test.each<[string, (flow: Flow) => void, string]>([
  ['no source', () => undefined, 'LF_PROGRAM_GRAPH Job wrong has no source.'],
  [
    'a branch without a sink',
    (flow) => void numbers(flow).map((n) => n, { name: 'lost' }),
    'LF_PROGRAM_GRAPH Job wrong drops what lost emits.',
  ],
  [
    'two operators of one name',
    (flow) => {
      const stream = numbers(flow)
      for (let i = 0; i < 2; i++) stream.sinkTo(table.sink({ row: (n) => ({ n }) }), { name: 'out' })
    },
    "LF_PROGRAM_GRAPH Two operators are named 'out'.",
  ],
  [
    'a former name that an operator still has',
    (flow) => {
      const stream = numbers(flow).map((n) => n, { name: 'old' })
      stream.filter(() => true, { name: 'new', formerly: ['old'] }).sinkTo(table.sink({ row: (n) => ({ n }) }))
    },
    "LF_PROGRAM_GRAPH Job wrong gives the state of former operator 'old' to 'new' although there still is one of that name.",
  ],
  [
    'a former name that two operators claim',
    (flow) => {
      const stream = numbers(flow).map((n) => n, { name: 'one', formerly: ['old'] })
      stream.filter(() => true, { name: 'two', formerly: ['old'] }).sinkTo(table.sink({ row: (n) => ({ n }) }))
    },
    "LF_PROGRAM_GRAPH Job wrong gives the state of former operator 'old' to 'two' although 'one' claims it.",
  ],
  [
    'a former name without a name',
    (flow) => void numbers(flow).map((n) => n, { formerly: ['old'] }),
    "LF_PROGRAM_GRAPH Job wrong has operator 'map-1' with former names and no name.",
  ],
  [
    'a former name of a sink',
    (flow) => numbers(flow).sinkTo(table.sink({ row: (n) => ({ n }) }), { name: 'out', formerly: ['old'] }),
    "LF_PROGRAM_GRAPH Job wrong has sink 'out' with former names.",
  ],
  [
    'former names that are none',
    (flow) => void numbers(flow).map((n) => n, { name: 'new', formerly: ['no name'] }),
    "LF_PROGRAM_OPTION map: option 'formerly' must be a list of names, such as ['per-user'], not an array.",
  ],
  [
    'an unknown option',
    (flow) => void numbers(flow).map((n) => n, { nmae: 'x' } as object),
    "LF_PROGRAM_OPTION map: unknown option 'nmae'; known are name, formerly, onError.",
  ],
  [
    'every problem at once',
    () => void kafka.source({ topic: '', start: 'newest' } as never),
    "LF_PROGRAM_OPTION kafka.source: option 'connection' is missing; option 'topic' must be text that is not empty, not ''; option 'value' is missing; option 'start' must be 'earliest', 'latest', 'committed' or { timestamp }, not 'newest'.",
  ],
  [
    'a window of no size',
    () => void tumbling(0),
    "LF_PROGRAM_OPTION tumbling: option 'size' must be at least 1 ms, not 0.",
  ],
  [
    'CSV without a schema',
    () => void files.source({ path: 'a.csv', format: 'csv' } as never),
    "LF_PROGRAM_OPTION files.source: option 'value' is missing.",
  ],
  [
    'Parquet without a schema',
    () => void files.source({ path: 'a', format: 'parquet', value: text() } as never),
    "LF_PROGRAM_OPTION files.source: option 'value' must be a schema, not an object.",
  ],
  [
    'a column that is named twice',
    () => void files.source({ path: 'a', format: 'parquet', columns: ['a', 'a'] } as never),
    "LF_PROGRAM_OPTION files.source: option 'columns' must be names of columns, each once, not an array.",
  ],
  [
    'columns of what has none to choose from',
    () => void files.source({ path: 'a', format: 'text', columns: ['a'] } as never),
    "LF_PROGRAM_OPTION files.source: columns goes with the format 'parquet' alone.",
  ],
  [
    'committed without a group',
    () => void kafka.source({ connection: 'c', topic: 't', value: text(), start: 'committed' }),
    "LF_PROGRAM_OPTION kafka.source with start 'committed': option 'group' is missing.",
  ],
  [
    'an aggregate named as a field of the result',
    (flow) =>
      void numbers(flow)
        .keyBy((n) => n)
        .aggregate({ key: count() }),
    "LF_PROGRAM_OPTION aggregate: an aggregate cannot be named 'key': results have that field already.",
  ],
])('%s is refused', (_what, build, message) => {
  expect(codeOf(() => job('wrong', build).build())).toBe(message)
})

test('a job is named by lower-case letters, digits and hyphens', () => {
  expect(codeOf(() => job('Word Count', () => undefined))).toContain(
    "LF_PROGRAM_OPTION job: 'Word Count' cannot name a job.",
  )
})

test('an operator cannot be added once the graph is built', () => {
  let kept: Flow | undefined
  job('late', (flow) => {
    kept = flow
    numbers(flow).sinkTo(table.sink({ row: (n) => ({ n }) }))
  }).build()
  expect(codeOf(() => numbers(kept!))).toContain('LF_PROGRAM_GRAPH')
})

test('durations are milliseconds, or text with a unit', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      (n) => durationMs(n) === n && durationMs(`${n}ms`) === n && durationMs(`${n}s`) === n * 1_000,
    ),
  )
  for (const wrong of [-1, Number.NaN, Infinity, '5', '5 s', 's', '-1s'])
    expect(codeOf(() => durationMs(wrong as never))).toContain('LF_PROGRAM_OPTION')
})

test('the shop repeats itself exactly, and brings the disorder that it promises', () => {
  const at = (index: number) => {
    let state = index + 1
    // Numerical Recipes' linear congruential generator: any spread will do here.
    const random = () => (state = (state * 1_664_525 + 1_013_904_223) >>> 0) / 2 ** 32
    return shopEvents()(index, { random, time: 1_700_000_000_000 + index, partition: 0 })
  }
  const texts = Array.from({ length: 20_000 }, (_, index) => at(index))
  expect(Array.from({ length: 50 }, (_, index) => at(index))).toEqual(texts.slice(0, 50))
  const parsed = texts.flatMap((text) => {
    try {
      return [JSON.parse(text) as { type: string; user: string; at: string }]
    } catch {
      return []
    }
  })
  expect(texts.length - parsed.length).toBeGreaterThan(0)
  expect(texts.length - parsed.length).toBeLessThan(100)
  const users = Map.groupBy(parsed, ({ user }) => user)
  expect(users.get('user-0')!.length).toBeGreaterThan(parsed.length / 20)
})
