import {
  count,
  job,
  json,
  kafka,
  maxBy,
  session,
  sideOutput,
  sum,
  tumbling,
  where,
  type Flow,
  type Stream,
} from '@lightflus/api'
import fc from 'fast-check'
import { plainRun, runJob, type JobRun } from '../testing/job-runs.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import { everything, nothing, project, type Demand } from './demand.ts'
import { jobUse } from './job-use.ts'

// Goal: a job whose sources decode only what is used gives what it gives of whole records; and what is used is little.

interface Item {
  readonly kind: number
  readonly at: number
  readonly user: string
  readonly price: number
  readonly note: string | null
  readonly inner: { readonly x: number; readonly y: number } | null
}

const late = sideOutput<Item>('late')
const byEventTime = { eventTime: (item: Item) => item.at }
const source = (flow: Flow) => flow.source(listSource<Item>(byEventTime), { name: 'items' })

/** Jobs, each with what its source is to decode. */
const jobs: Readonly<Record<string, readonly [used: string, build: (items: Stream<Item>) => void]>> = {
  'a map to some fields': [
    'at! price! user!',
    (items) => items.map(({ user, price }) => ({ user, price })).sinkTo(listSink()),
  ],
  'fields that a later map drops': [
    'at! price!',
    (items) =>
      items
        .map((item) => ({ price: item.price, note: item.note, user: item.user }))
        .filter((row) => row.price > 3)
        .map((row) => [row.price])
        .sinkTo(listSink()),
  ],
  'a part of a record as the record': [
    'at! inner{x!}',
    (items) =>
      items
        .filter((item) => item.inner !== null)
        .map((item) => item.inner!)
        .map((inner) => inner.x)
        .sinkTo(listSink()),
  ],
  'a record that is tested and then gone': [
    'at! inner kind!',
    (items) =>
      items
        .filter((item) => item.kind === 1 && !item.inner)
        .map(() => 'one')
        .sinkTo(listSink()),
  ],
  'windows of aggregates, their late records apart': [
    'at! note! price! user!',
    (items) => {
      const windows = items
        .keyBy((item) => item.user)
        .window(tumbling(10), { name: 'per-user', lateOutput: late })
        .aggregate({
          all: count(),
          dear: where(
            (item) => item.price > 2,
            sum((item) => item.price),
          ),
        })
      windows.sinkTo(listSink())
      windows
        .sideOutput(late)
        .map(({ note }) => note)
        .sinkTo(listSink())
    },
  ],
  'sessions whose gap depends on the record': [
    'at! kind! user!',
    (items) =>
      items
        .keyBy((item) => item.user)
        .window(session((item: Item) => 1 + item.kind))
        .aggregate({ all: count() })
        .sinkTo(listSink()),
  ],
  'two branches and their union': [
    'at! inner{y!} note! price!',
    (items) => {
      const some = items.filter(({ price }) => price > 3).map(({ note }) => ({ text: note }))
      const others = items.map(({ inner }) => ({ text: `${inner?.y}` }))
      some
        .union(others)
        .map(({ text }) => text)
        .sinkTo(listSink())
    },
  ],
  'new times, and each record flat': [
    'at! kind! price! user!',
    (items) =>
      items
        .assignTimestamps({ eventTime: (item) => item.kind })
        .flatMap((item) => [item.user, item.price])
        .sinkTo(listSink()),
  ],
  'one of each key': [
    'at! note! user!',
    (items) =>
      items
        .keyBy(({ user }) => user)
        .deduplicate({ name: 'first' })
        .map(({ note }) => note)
        .sinkTo(listSink()),
  ],
  'records that are kept': [
    '!',
    (items) =>
      items
        .keyBy(({ user }) => user)
        .aggregate({ dearest: maxBy((item) => item.price) })
        .map(({ dearest }) => dearest.note)
        .sinkTo(listSink()),
  ],
  'records as they are': ['!', (items) => items.sinkTo(listSink())],
}

function shown({ whole, text, fields }: Demand): string {
  if (whole) return '!'
  const inner = [...fields].map(([name, field]) => {
    const own = shown(field)
    return own === '' || own === '!' || own === '"' ? `${name}${own}` : `${name}{${own}}`
  })
  return `${inner.sort().join(' ')}${text ? '"' : ''}`
}

const definitionOf = (build: (items: Stream<Item>) => void) => job('used', (flow) => build(source(flow)))

test.each(Object.entries(jobs))('%s', (_name, [used, build]) => {
  expect(shown(jobUse(definitionOf(build).build()).sources.get('items')!.demand)).toBe(used)
})

const anyItem: fc.Arbitrary<Item> = fc.record({
  kind: fc.nat(2),
  at: fc.nat(40),
  user: fc.constantFrom('a', 'b'),
  price: fc.nat(5),
  note: fc.constantFrom('n', '', null),
  inner: fc.option(fc.record({ x: fc.nat(3), y: fc.nat(3) })),
})

test.each(Object.entries(jobs))('%s: what it gives is what it gives of whole records', async (_name, [, build]) => {
  const { demand } = jobUse(definitionOf(build).build()).sources.get('items')!
  await fc.assert(
    fc.asyncProperty(fc.array(anyItem, { maxLength: 30 }), async (items) => {
      const rows = async (of: Demand) => {
        const list = items.map((item) => ({ payload: project(item, of), timestamp: 0 }))
        const { rows } = await runJob(definitionOf(build), { items: { 'items/0': list } })
        return rows.map(({ value }) => value)
      }
      expect(await rows(demand)).toEqual(await rows(everything))
    }),
    { numRuns: 25 },
  )
})

test.each(Object.entries(jobs))('%s: of several subtasks it gives what it gives of one', async (_name, [, build]) => {
  // Between subtasks goes what is wanted only: see LocalAttempt.
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyItem, { maxLength: 30 }),
      fc.integer({ min: 2, max: 3 }),
      async (items, parallelism) => {
        const list = items.map((payload) => ({ payload, timestamp: 0 }))
        const rows = async (run: JobRun) =>
          (await runJob(definitionOf(build), { items: { 'items/0': list } }, run)).rows.map(({ value }) =>
            JSON.stringify(value),
          )
        expect((await rows({ ...plainRun, parallelism })).sort()).toEqual((await rows(plainRun)).sort())
      },
    ),
    { numRuns: 25 },
  )
})

describe('sinks', () => {
  const written = (sinkTo: (items: Stream<Item>) => void, encoded?: string) =>
    jobUse(definitionOf(sinkTo).build(), () => encoded).sources.get('items')!
  const toKafka = (value: (item: Item) => object) => (items: Stream<Item>) =>
    items.sinkTo(kafka.sink({ connection: 'c', topic: 't', value, key: (item) => item.user }))

  test('that encode take the texts of fields', () => {
    const some = toKafka(({ note, inner, price }) => ({ note, x: inner?.x, twice: price * 2 }))
    expect(shown(written(some, 'value').demand)).toBe('at! inner{x"} note" price! user!')
    expect(shown(written(some).demand)).toBe('at! inner{x!} note! price! user!')
  })

  test('and of records that are written as they are, their text', () => {
    expect(
      shown(
        written(
          toKafka((item) => item),
          'value',
        ).demand,
      ),
    ).toBe('at! user!"')
    expect(shown(written((items) => items.sinkTo(listSink()), 'value').demand)).toBe('at!"')
  })

  test('that do not are told to want the record', () => {
    expect(written(toKafka((item) => item)).wholes).toEqual([
      { path: [], operator: 'sink-1', reason: 'value hands it on as it is' },
    ])
  })
})

test('what keeps a record from being decoded in part is told, with its place', () => {
  const build = (flow: Flow) => {
    const value = json<{ readonly a: Item; readonly b: number }>()
    const rows = flow.source(kafka.source({ connection: 'c', topic: 't', value }), { name: 'rows' })
    rows
      .map(({ a }) => a)
      .map((a) => ({ ...a, n: 1 }), { name: 'spread' })
      .sinkTo(listSink())
    rows
      .map(({ b }) => b)
      .keyBy((b) => b)
      .reduce((x, y) => x + y, { name: 'total' })
      .sinkTo(listSink())
  }
  const use = jobUse(job('reasons', build).build())
  expect(shown(use.sources.get('rows')!.demand)).toBe('a! b!')
  expect(use.sources.get('rows')!.wholes).toEqual([
    { path: ['a'], operator: 'spread', reason: 'a: spread' },
    { path: ['b'], operator: 'total', reason: 'it keeps records' },
  ])
  expect(use.functions.get('spread')!.get('fn')).toMatchObject({ reason: 'a: spread' })
  expect(use.outputs.get('spread')!.demand).toEqual(everything)
})

test('operators may stand in any order', () => {
  for (const [, build] of Object.values(jobs)) {
    const built = definitionOf(build).build()
    const turned = { ...built, graph: { ...built.graph, operators: built.graph.operators.toReversed() } }
    expect(jobUse(turned).sources).toEqual(jobUse(built).sources)
  }
})

test('of what nobody looks at nothing is decoded', () => {
  const counted = (flow: Flow) =>
    flow
      .source(listSource<Item>(), { name: 'items' })
      .keyBy(() => 'all')
      .aggregate({ all: count() })
      .sinkTo(listSink())
  expect(jobUse(job('counted', counted).build()).sources.get('items')!.demand).toEqual(nothing)
})
