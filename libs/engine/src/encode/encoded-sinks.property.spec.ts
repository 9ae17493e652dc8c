import { count, isLightflusError, job, json, kafka, max, tumbling, type Flow, type JobDefinition } from '@lightflus/api'
import fc from 'fast-check'
import { z } from 'zod'
import { LocalAttempt } from '../testing/local-attempt.ts'
import { createTextConnector, type TextWorld } from '../testing/text-connector.ts'

// Goal: what sinks are given as texts, copied from what was read or written by generated code, is to the byte what
// JSON.stringify makes of the records of the plain path; and so are metrics and errors.

interface Item {
  readonly kind: number
  readonly at: number
  readonly name: string
  readonly price: number
  readonly note: unknown
  readonly inner: { readonly x: unknown; readonly y: string } | null
  readonly tags: string[]
}

const source = (flow: Flow, options: object = {}) =>
  flow.source(
    kafka.source({
      ...{ connection: 'c', topic: 't', bounded: true, value: json<Item>() },
      ...options,
    }),
    { name: 'in', onError: 'skip' },
  )
const skip = { onError: 'skip' } as const
const sink = <T>(value: (record: T) => unknown = (record) => record) =>
  kafka.sink<T>({ connection: 'c', topic: 'o', value: value as (record: T) => string })

/** Few records, so that most tries are of what can go wrong in them. */
const jobs: Readonly<Record<string, (flow: Flow) => void>> = {
  'records as they are': (flow) => void source(flow).sinkTo(sink(), skip),
  'records as they are, dated': (flow) =>
    void source(flow, { eventTime: (item: Item) => item.at }).sinkTo(sink(), skip),
  'some fields': (flow) =>
    void source(flow)
      .map(({ name, note, price }) => ({ name, note, price }), skip)
      .sinkTo(sink(), skip),
  'one changed': (flow) =>
    void source(flow)
      .map((item) => ({ name: item.name, price: item.price * 0.908, note: item.note }), skip)
      .sinkTo(sink(), skip),
  'filtered by what is copied': (flow) =>
    void source(flow)
      .filter((item) => item.kind === 1 && item.price > 1, skip)
      .map(({ kind, price, tags }) => ({ kind, price, tags }), skip)
      .sinkTo(sink(), skip),
  'two maps, nested': (flow) =>
    void source(flow)
      .map((item) => ({ a: item.inner, b: { n: item.name, p: item.price + 1 } }), skip)
      .map(({ a, b }) => ({ x: a!.x, y: a!.y, again: { b, n: b.n }, none: undefined }), skip)
      .sinkTo(sink(), skip),
  'a part as the record': (flow) =>
    void source(flow)
      .map((item) => item.inner!, skip)
      .sinkTo(sink(), skip),
  'a text, or what stands for it': (flow) =>
    void source(flow).sinkTo(
      sink((item) => item.name),
      skip,
    ),
  anything: (flow) =>
    void source(flow).sinkTo(
      sink((item) => item.note),
      skip,
    ),
  'what is no object': (flow) =>
    void source(flow)
      .map((item) => ({ length: item.name.length, x: item.inner!.x, of: (item.note as { a: unknown }).a }), skip)
      .sinkTo(sink(), skip),
  'changed in place': (flow) =>
    void source(flow)
      .filter((item) => item.tags.sort().length > 0, skip)
      .map(({ tags, name }) => ({ tags, name }), skip)
      .sinkTo(sink(), skip),
  'changed in place, the whole written': (flow) =>
    void source(flow)
      .filter((item) => item.tags.push('more') > 0, skip)
      .sinkTo(sink(), skip),
  'a result changed behind': (flow) =>
    void source(flow)
      .map(({ name, price, inner }) => ({ name, price, inner }), skip)
      .filter((row) => {
        ;(row as { price: number }).price = 7
        return true
      }, skip)
      .sinkTo(sink(), skip),
  'two branches, one of which changes what it is given': (flow) => {
    const rows = source(flow).map(({ name, tags }) => ({ name, tags }), skip)
    rows.map((row) => row.tags.reverse(), skip).sinkTo(sink(), skip)
    rows.sinkTo(sink(), skip)
  },
  'made values of all kinds': (flow) =>
    void source(flow)
      .map(
        ({ name, price, note }) => ({
          name,
          date: new Date(price),
          big: 12n,
          not: NaN,
          fn: () => 1,
          list: [price, undefined, 1n],
          text: `${name}"\n€`,
          named: { toJSON: (key: string) => key },
          gone: { toJSON: () => undefined },
          yes: price > 1,
          zero: -0,
          whole: Math.round(price) | 0,
          note,
        }),
        skip,
      )
      .sinkTo(sink(), skip),
  'a sink that throws': (flow) =>
    void source(flow)
      .map(({ name, price }) => ({ name, price }), skip)
      .sinkTo(
        sink((row) => {
          if (row.price > 5) throw new Error(`too dear`)
          return { name: row.name, price: row.price }
        }),
        skip,
      ),
  'a sink that fails': (flow) =>
    void source(flow)
      .map(({ name, note }) => ({ name, note }), skip)
      .sinkTo(sink((row) => ({ length: row.name.length, note: row.note }))),
  'many from one': (flow) =>
    void source(flow)
      .flatMap(({ name, price, tags }) => tags.map((tag) => ({ name, price, tag })), skip)
      .sinkTo(sink(), skip),
  'by window': (flow) =>
    void source(flow, { eventTime: (item: Item) => item.at })
      .filter((item) => item.kind < 2, skip)
      .keyBy(({ name }) => name, skip)
      .window(tumbling(10), { onError: 'skip' })
      .aggregate({ n: count(), most: max((item) => item.price) })
      .map(({ key, n, most, window }) => ({ key, n, most, start: window.start }), skip)
      .sinkTo(sink(), skip),
  'by a schema': (flow) =>
    void source(flow, { value: z.object({ name: z.string(), price: z.number(), tags: z.unknown() }) })
      .map(({ name, price, tags }) => ({ name, price, tags }), skip)
      .sinkTo(sink(), skip),
  'by a schema, whole': (flow) =>
    void source(flow, { value: z.object({ name: z.string(), inner: z.object({ x: z.number() }).nullable() }) }).sinkTo(
      sink(),
      skip,
    ),
}

const anyJson = fc.jsonValue({ maxDepth: 2 })
const anyName = fc.oneof(fc.string(), fc.constantFrom('é', '"', '\u2028', 'x'.repeat(200), '\ud800'))
const anyItem = fc.record(
  {
    kind: fc.nat(2),
    at: fc.integer({ min: 0, max: 100 }),
    name: fc.oneof({ weight: 6, arbitrary: anyName }, { weight: 1, arbitrary: anyJson }),
    price: fc.oneof(
      { weight: 6, arbitrary: fc.oneof(fc.nat(9), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()) },
      { weight: 1, arbitrary: anyJson },
    ),
    note: fc.oneof(anyJson, fc.record({ a: anyJson })),
    inner: fc.oneof(
      { weight: 4, arbitrary: fc.record({ x: fc.oneof(fc.nat(), anyJson), y: fc.string() }, { requiredKeys: [] }) },
      { weight: 1, arbitrary: anyJson },
    ),
    tags: fc.oneof({ weight: 4, arbitrary: fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }) }, anyJson),
  },
  { requiredKeys: ['kind', 'at', 'name', 'price'] },
)
const anyText = fc.oneof(
  { weight: 12, arbitrary: anyItem.map((item) => JSON.stringify(item)) },
  { weight: 2, arbitrary: anyItem.map((item) => JSON.stringify(item, undefined, 1)) },
  { weight: 1, arbitrary: anyItem.map((item) => JSON.stringify(item).replace('"price":', '"price":1.50,"price":')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(null, '', '{', 'null', '"text"', '5', '[1]', '{}', '{"name":"\\u0041","price":1e2}'),
  },
)

async function run(
  definition: JobDefinition,
  given: Omit<TextWorld, 'written' | 'encoded' | 'cut'>,
  interpreted: boolean,
) {
  let polls = 0
  const world: TextWorld = { ...given, cut: () => 1 + (polls++ % 7), written: [], encoded: 0 }
  const lists = { sources: {}, collected: [], cut: () => 1, onPoll() {} }
  const connector = createTextConnector(world)
  const attempt = new LocalAttempt({ job: definition, world: lists, parallelism: 1, connector, interpreted })
  try {
    const { metrics, log } = await attempt.run()
    const counts = metrics.map(({ recordsPlain: _, ...others }) => others)
    return { written: world.written, counts, log: log.toSorted(), encoded: world.encoded }
  } catch (thrown) {
    if (!isLightflusError(thrown)) throw thrown
    return { error: { code: thrown.code, message: thrown.message }, encoded: world.encoded }
  }
}

test.each(Object.entries(jobs))('%s', async (name, build) => {
  const definition = job('texts', build)
  let encoded = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyText, { minLength: 1, maxLength: 12 }), fc.nat(3), async (texts, slowEvery) => {
      const plain = await run(definition, { texts, slowEvery }, true)
      const { encoded: count, ...generated } = await run(definition, { texts, slowEvery }, false)
      encoded += count
      expect({ ...generated, encoded: 0 }).toEqual(plain)
    }),
    { numRuns: 30 },
  )
  const isPlain = [
    'changed in place, the whole written',
    'a result changed behind',
    'many from one',
    'by window',
    'by a schema, whole',
  ]
  if (isPlain.includes(name)) return
  expect(encoded).toBeGreaterThan(0)
})
