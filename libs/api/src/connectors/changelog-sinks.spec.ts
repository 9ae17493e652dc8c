import { expectTypeOf } from 'expect-type'
import { count, files, generator, job, kafka, mysql, redis, table, type Flow, type SinkDeclaration } from '../index.ts'

// Goal: only sinks that can take rows back may end a changelog, by their types and when the job is built.
// Every @ts-expect-error is an assertion: the compiler fails where the line below it compiles.

interface Row {
  readonly key: string
  readonly n: number
}
const ready = { connection: 'c', key: (row: Row) => row.key, value: (row: Row) => row.n }
const fields = { ...ready, value: (row: Row) => ({ n: row.n }) }
const upsert = { connection: 'c', table: 't', row: (row: Row) => ({ ...row }), key: ['key'] as const }

const taking: readonly SinkDeclaration<Row, 'changes'>[] = [
  mysql.sink(upsert),
  redis.sink(ready),
  redis.sink({ ...ready, command: 'set' }),
  redis.sink({ ...fields, command: 'hash' }),
  table.sink({ key: (row: Row) => row.key }),
  kafka.sink({ connection: 'c', topic: 't', changelog: 'upsert', key: ready.key, value: fields.value }),
]
const inserting: readonly SinkDeclaration<Row, 'inserts'>[] = [
  mysql.sink({ connection: 'c', table: 't', row: (row: Row) => ({ ...row }) }),
  redis.sink({ ...ready, command: 'list' }),
  redis.sink({ ...fields, command: 'stream' }),
  table.sink<Row>(),
  kafka.sink({ connection: 'c', topic: 't', key: ready.key, value: fields.value }),
  files.sink<Row>({ path: 'rows.jsonl' }),
]

const totals = (flow: Flow) =>
  flow
    .source(generator.source({ generate: (index) => ({ user: `u${index}` }) }))
    .keyBy(({ user }) => user)
    .aggregate({ n: count() }, { emit: 'changelog' })

test.each(taking.map((sink) => [sink.connector, sink] as const))('%s takes rows back', (_connector, sink) => {
  expect(sink.accepts).toBe('changes')
})

test.each(inserting.map((sink) => [sink.connector, sink] as const))('%s takes inserts only', (_connector, sink) => {
  expect(sink.accepts).toBe('inserts')
})

test('the record’s type flows into the functions of each form', () => {
  job('typed', (flow) => {
    const rows = flow.source(generator.source({ generate: (n) => ({ key: `k${n}`, n }) }))
    rows.sinkTo(mysql.sink({ connection: 'c', table: 't', key: ['key'], row: (row) => ({ key: row.key, n: row.n }) }))
    rows.sinkTo(mysql.sink({ connection: 'c', table: 't', row: ({ key, n }) => ({ key, n }) }))
    rows.sinkTo(redis.sink({ connection: 'c', key: (row) => row.key, value: (row) => row.n }))
    rows.sinkTo(redis.sink({ connection: 'c', command: 'hash', key: (row) => row.key, value: ({ n }) => ({ n }) }))
    rows.sinkTo(redis.sink({ connection: 'c', command: 'list', key: (row) => row.key, value: (row) => row.n }))
    rows.sinkTo(table.sink({ key: (row) => row.key, row: ({ n }) => ({ n }) }))
    rows.sinkTo(table.sink({ row: ({ n }) => ({ n }) }))
    rows.sinkTo(
      kafka.sink({ connection: 'c', topic: 't', changelog: 'upsert', key: (row) => row.key, value: (row) => row }),
    )
    rows.sinkTo(kafka.sink({ connection: 'c', topic: 't', value: (row) => ({ n: row.n }) }))
    // @ts-expect-error a hash has fields
    rows.sinkTo(redis.sink({ connection: 'c', command: 'hash', key: (row) => row.key, value: (row) => row.n }))
    // @ts-expect-error an upserting topic needs keys
    rows.sinkTo(kafka.sink({ connection: 'c', topic: 't', changelog: 'upsert', value: (row) => row }))
  })
})

test('a changelog ends in what takes rows back, and in nothing else', () => {
  job('types', (flow) => {
    const counts = totals(flow)
    expectTypeOf(counts.sinkTo).toBeFunction()
    counts.sinkTo(redis.sink({ connection: 'c', key: (row) => row.key, value: (row) => row.n }))
    // @ts-expect-error a list holds what it once was given
    counts.sinkTo(redis.sink({ connection: 'c', command: 'list', key: (row) => row.key, value: (row) => row.n }))
    // @ts-expect-error so does a file
    counts.sinkTo(files.sink({ path: 'rows.jsonl' }))
    // @ts-expect-error without a key no row is another's successor
    counts.sinkTo(mysql.sink({ connection: 'c', table: 't', row: ({ key, n }) => ({ key, n }) }))
  })
})

test('programs without types are refused when the job is built', () => {
  const silent = job('untyped', (flow) => totals(flow).sinkTo(files.sink({ path: 'rows.jsonl' }) as never))
  expect(() => silent.build()).toThrow(expect.objectContaining({ code: 'LF_PROGRAM_CHANGELOG' }))
})

test.each([
  [
    () => mysql.sink({ ...upsert, mode: 'insert' } as never),
    "mysql.sink with a key: option 'mode' must be one of 'upsert', not 'insert'",
  ],
  [() => mysql.sink({ ...upsert, key: [] } as never), "option 'key' must be a list of columns that is not empty"],
  [
    () => kafka.sink({ connection: 'c', topic: 't', changelog: 'upsert', value: fields.value } as never),
    "kafka.sink with changelog 'upsert': option 'key' is missing",
  ],
])('what is missing for it is told', (make, message) => {
  expect(make).toThrow(
    expect.objectContaining({ code: 'LF_PROGRAM_OPTION', message: expect.stringContaining(message) as string }),
  )
})
