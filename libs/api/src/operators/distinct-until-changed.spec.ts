import { expectTypeOf } from 'expect-type'
import { generator, job, table, type Flow, type KeyedStream, type Stream } from '../index.ts'

// Goal: records keep their type, what cannot be compared does not compile, and the graph tells every option.

interface Reading {
  readonly sensor: string
  readonly celsius: number
  readonly tags: readonly string[]
}

const readings = (flow: Flow): KeyedStream<Reading, string> =>
  flow
    .source(generator.source<Reading>({ generate: () => ({ sensor: 'a', celsius: 20, tags: [] }) }))
    .keyBy(({ sensor }) => sensor)

function built(build: (stream: KeyedStream<Reading, string>) => Stream<Reading>) {
  const { graph, operators } = job('test', (flow) => build(readings(flow)).sinkTo(table.sink())).build()
  const node = graph.operators.at(-2)!
  return { node, functions: operators.get(node.id)!.functions }
}

test('the records keep their type, whatever they are compared by', () => {
  job('types', (flow) => {
    expectTypeOf(readings(flow).distinctUntilChanged()).toEqualTypeOf<Stream<Reading>>()
    expectTypeOf(readings(flow).distinctUntilChanged(({ celsius }) => celsius)).toEqualTypeOf<Stream<Reading>>()
    const mayBeNull = readings(flow).distinctUntilChanged(({ tags }) => tags.at(0) ?? null, { ttl: '1h' })
    expectTypeOf(mayBeNull).toEqualTypeOf<Stream<Reading>>()
  })
})

test('what cannot be compared, and what has no state by key, does not compile', () => {
  job('types', (flow) => {
    // @ts-expect-error a list is no text, number, boolean or null
    readings(flow).distinctUntilChanged(({ tags }) => tags)
    // @ts-expect-error nor is nothing
    readings(flow).distinctUntilChanged(({ tags }) => tags.at(0))
    // @ts-expect-error a record waits for no promise
    readings(flow).distinctUntilChanged(async ({ celsius }) => celsius)
    // @ts-expect-error a stream without keys
    flow.source(generator.source({ generate: (n) => n })).distinctUntilChanged()
    const newest = readings(flow).deduplicate({ keep: 'last' })
    // @ts-expect-error a row that is taken back does not differ, it goes
    newest.keyBy(({ sensor }) => sensor).distinctUntilChanged()
  })
})

test('the graph tells the options, with their defaults', () => {
  const plain = built((stream) => stream.distinctUntilChanged())
  expect(plain.node).toMatchObject({
    id: 'distinctUntilChanged-1',
    kind: 'distinctUntilChanged',
    options: { onError: 'fail', ttlMs: null },
  })
  expect(plain.functions).toEqual({})
  const by = ({ celsius }: Reading) => celsius
  const given = built((stream) => stream.distinctUntilChanged(by, { name: 'changed', ttl: '1h', onError: 'skip' }))
  expect(given.node).toMatchObject({ id: 'changed', options: { onError: 'skip', ttlMs: 3_600_000 } })
  expect(given.functions).toEqual({ by })
})

test('what is no function, and a time that never passes, are refused', () => {
  expect(() => built((stream) => stream.distinctUntilChanged({ ttl: '1h' } as never))).toThrow(
    'distinctUntilChanged: takes a function, not object.',
  )
  expect(() => built((stream) => stream.distinctUntilChanged(undefined, { ttl: 0 }))).toThrow(
    "distinctUntilChanged: option 'ttl' must be at least 1 ms, not 0.",
  )
})
