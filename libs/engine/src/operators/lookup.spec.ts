import { job, type Key, type LookupDeclaration, type OperatorDefinition, type OperatorFunctions } from '@lightflus/api'
import { z } from 'zod'
import type { Lookup } from '../connector.ts'
import type { RecordBatch } from '../record.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import { LocalAttempt } from '../testing/local-attempt.ts'
import { operatorContext } from '../testing/operator-context.ts'
import { runTable } from '../testing/operator-table.ts'
import { VirtualHost } from '../testing/virtual-host.ts'
import { createLookup } from './lookup.ts'

type Functions = OperatorFunctions['lookup']
type Table = Readonly<Record<string, unknown>>

/** Holds a table, and what it was asked for. */
class TableLookup implements Lookup {
  readonly asked: (readonly Key[])[] = []
  readonly calls: string[] = []
  readonly #table: Table

  constructor(table: Table) {
    this.#table = table
  }
  open(): Promise<void> {
    this.calls.push('open')
    return Promise.resolve()
  }
  find(keys: readonly Key[]): Promise<readonly unknown[]> {
    this.asked.push(keys)
    return Promise.resolve(keys.map((key) => this.#table[`${typeof key} ${key}`] ?? null))
  }
  close(): Promise<void> {
    this.calls.push('close')
    return Promise.resolve()
  }
}

const table = { 'string a': 'apple', 'string b': 'banana', 'number 1': 'one', 'string 1': 'text one' }
const functions: Functions = { key: (key: Key) => key, combine: (record, found) => ({ record, found }) }
const minute = { ttlMs: 60_000, entriesMax: 10 }

function lookup(
  of: Partial<Functions> = {},
  given: { cache?: object | null; onError?: 'fail' | 'skip'; table?: Table } = {},
) {
  const host = new VirtualHost()
  const source = new TableLookup(given.table ?? table)
  const { cache = minute, onError = 'fail' } = given
  const node = { id: 'lookup-1', kind: 'lookup', named: false, options: { cache } }
  const operator = { node, functions: { ...functions, ...of } } as unknown as OperatorDefinition<'lookup'>
  const context = operatorContext(operator, { host, onError })
  const made = createLookup(context, source)
  const found: unknown[] = []
  const output = { emit: ({ values }: RecordBatch) => void found.push(...values), emitSide() {} }
  const run = (...values: unknown[]) => made.processBatch({ values, timestamps: values.map(() => 1) }, output, 0)
  return { host, source, operator: made, metrics: context.metrics, run, found }
}

test('each record with what is held for its key, or null, with its time and in order', () =>
  runTable(
    {
      kind: 'lookup',
      create: (context) => createLookup(context, new TableLookup(table)),
      functions,
      options: { cache: minute },
    },
    `
    in  :"a"@5 :"x"@6 :"b"@7 :"a"@8 :null@9
    out {"record":"a","found":"apple"}@5
    out {"record":"x","found":null}@6
    out {"record":"b","found":"banana"}@7
    out {"record":"a","found":"apple"}@8
    out {"record":null,"found":null}@9
    `,
  ))

test('keys are asked for together, each once; a number is another key than its text', async () => {
  const { run, source, found } = lookup()
  await run('a', 1, 'a', '1', 'x', undefined)
  expect(source.asked).toEqual([['a', 1, '1', 'x']])
  expect(found).toContainEqual({ record: 1, found: 'one' })
  expect(found).toContainEqual({ record: '1', found: 'text one' })
})

test('answers are remembered for their time, also that there is none; then nothing waits', async () => {
  const { run, source, host, found } = lookup()
  await run('a', 'x')
  expect(run('x', 'a', null)).toBeUndefined()
  expect(found).toHaveLength(5)
  host.advanceTo(59_999)
  await run('a', 'b')
  host.advanceTo(60_000)
  await run('a', 'b')
  expect(source.asked).toEqual([['a', 'x'], ['b'], ['a']])
})

test('without a cache, and with one that is smaller than a batch, every answer reaches its records', async () => {
  for (const cache of [null, { ttlMs: 60_000, entriesMax: 1 }]) {
    const { run, source, found } = lookup({}, { cache })
    await run('a', 'b', 1)
    await run('a')
    expect(source.asked).toEqual([['a', 'b', 1], ['a']])
    expect(found.map((row) => (row as { found: unknown }).found)).toEqual(['apple', 'banana', 'one', 'apple'])
  }
})

test('a record whose function throws, or whose key is none, is skipped alone', async () => {
  const { run, found, metrics, source } = lookup(
    {
      key: (key) => {
        if (key === 'bad') throw new Error('no key')
        return key === 'object' ? ({} as Key) : key === 'nan' ? Number.NaN : (key as Key)
      },
      combine(record, value) {
        if (record === 'b') throw new Error('not b')
        return value as unknown
      },
    },
    { onError: 'skip' },
  )
  await run('a', 'bad', 'object', 'nan', 'b', 1)
  expect(source.asked).toEqual([['a', 'b', 1]])
  expect(found).toEqual(['apple', 'one'])
  expect(metrics.recordsSkipped).toBe(4)
})

describe('what is found', () => {
  const schema = z.object({ price: z.number() }).transform(({ price }) => price * 100)
  const goods = { 'string a': '{"price":1}', 'string b': '{"price":"x"}', 'string c': '{' }
  const decode = (text: string) => JSON.parse(text) as unknown

  test('is decoded and validated, and what is not fit fails each record that asked for it', async () => {
    const { run, found, metrics, source } = lookup({ decode, schema }, { onError: 'skip', table: goods })
    await run('a', 'b', 'c', 'b', 'none')
    expect(found).toEqual([
      { record: 'a', found: 100 },
      { record: 'none', found: null },
    ])
    expect(metrics.recordsSkipped).toBe(3)
    await run('b', 'a')
    expect(source.asked.at(-1)).toEqual(['b'])
  })

  test.each([
    ['b', 'LF_RECORD_INVALID', /a record, .*: what was found: price: /],
    ['c', 'LF_RECORD_DECODE', /what was found: /],
  ])('ends the job with a code: %s', async (key, code, message) => {
    const { run } = lookup({ decode, schema }, { table: goods })
    await expect(run(key)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
  })
})

test('is opened and closed with the operator, and not closed where it was not opened', async () => {
  const { operator, source } = lookup()
  await operator.close()
  await operator.open()
  await operator.close()
  expect(source.calls).toEqual(['open', 'close'])
})

test('a connector that has no lookup is refused by name', () => {
  const products: LookupDeclaration<string> = { connector: 'list', options: { connector: {} }, functions: {} }
  const asking = job('asking', (flow) => {
    flow
      .source(listSource<string>(), { name: 'orders' })
      .lookup(products, { key: (order) => order, name: 'products' })
      .sinkTo(listSink())
  })
  const world = { sources: { orders: {} }, collected: [], cut: (recordsMax: number) => recordsMax, onPoll() {} }
  expect(() => new LocalAttempt({ job: asking, world, parallelism: 1 })).toThrow(
    expect.objectContaining({
      code: 'LF_PROGRAM_OPTION',
      message: 'Job asking, operator products: connector list cannot be a lookup.',
    }),
  )
})

test('a connector that answers too few keys ends the attempt', async () => {
  const { operator, source } = lookup()
  source.find = () => Promise.resolve([])
  const output = { emit() {}, emitSide() {} }
  await expect(operator.processBatch({ values: ['a'], timestamps: [1] }, output, 0)).rejects.toThrow('0 answers')
})
