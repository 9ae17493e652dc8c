import {
  count,
  files,
  generator,
  job,
  kafka,
  redis,
  sideOutput,
  sum,
  table,
  text,
  tumbling,
  type StandardSchema,
} from '@lightflus/api'
import { deserialize, serialize } from 'node:v8'
import { testJob } from './test-job.ts'

interface Order {
  readonly user: string
  readonly amount: number
}

const lateOrders = sideOutput<Order>('late')

const spendPerMinute = job('spend-per-minute', (flow) => {
  flow
    .source(generator.source<Order>({ generate: () => ({ user: 'nobody', amount: 0 }) }), { name: 'orders' })
    .map((order) => {
      if (order.amount < 0) throw new Error(`negative amount of ${order.user}`)
      return order
    })
    .keyBy(({ user }) => user)
    .window(tumbling('1m'), { name: 'per-minute', lateOutput: lateOrders })
    .aggregate({ orders: count(), spent: sum(({ amount }) => amount) })
    .sinkTo(table.sink(), { name: 'spend' })
})

const windowOf = (minute: number) => ({ start: minute * 60_000, end: (minute + 1) * 60_000 })

describe.each([1, 3])('with %i subtasks', (parallelism) => {
  test('records come out when the watermark says so, and what has been read is gone', async () => {
    const test = await testJob(spendPerMinute, { parallelism })
    const orders = test.input<Order>('orders')
    await orders.push({ user: 'a', amount: 3 }, { at: 1_000 })
    await orders.pushAll(
      [
        { user: 'a', amount: 4 },
        { user: 'b', amount: 1 },
      ],
      { at: 59_999 },
    )
    expect(test.output('spend')).toEqual([])
    await orders.watermark(60_000)
    const rows = test.outputRecords('spend')
    expect(rows).toHaveLength(2)
    expect(rows).toContainEqual({
      value: expect.objectContaining({ key: 'a', window: windowOf(0), orders: 2, spent: 7 }),
      timestamp: 59_999,
      change: 'insert',
      written: {},
    })
    expect(test.output()).toEqual([])
    await orders.end()
    expect(test.output()).toEqual([])
  })

  test('late records show in metrics and in their side output, which the program need not take', async () => {
    const test = await testJob(spendPerMinute, { parallelism })
    await test.input('orders').push({ user: 'a', amount: 3 }, { at: 1_000 })
    await test.watermark(60_000)
    await test.input('orders').push({ user: 'a', amount: 5 }, { at: 2_000 })
    expect(test.metrics('per-minute')).toMatchObject({ recordsIn: 2, recordsLate: 1, watermark: 60_000 })
    expect(test.sideOutput('per-minute', lateOrders)).toEqual([{ user: 'a', amount: 5 }])
    expect(test.sideOutput('per-minute', 'late')).toEqual([])
  })

  test('a snapshot restores at any parallelism, as often as one likes, and from a file', async () => {
    const first = await testJob(spendPerMinute, { parallelism })
    await first.input().push({ user: 'a', amount: 3 }, { at: 1_000 })
    const snapshot = await first.snapshot()
    for (const other of [1, 2, 4]) {
      const second = await testJob(spendPerMinute, {
        parallelism: other,
        restore: other === 4 ? deserialize(serialize(snapshot)) : snapshot,
      })
      await second.input().push({ user: 'a', amount: 4 }, { at: 2_000 })
      await second.watermark(60_000)
      expect(second.output()).toEqual([expect.objectContaining({ key: 'a', orders: 2, spent: 7 })])
    }
    await first.finish()
    expect(first.output()).toEqual([expect.objectContaining({ orders: 1, spent: 3 })])
  })
})

test('an error of the program comes with its own message from the call that caused it, and from all that follow', async () => {
  const test = await testJob(spendPerMinute)
  const push = test.input().push({ user: 'eve', amount: -1 }, { at: 0 })
  await expect(push).rejects.toMatchObject({
    code: 'LF_USER_FUNCTION',
    message: 'Job spend-per-minute, operator map-1, record orders/0@0: negative amount of eve',
  })
  await expect(test.watermark(1)).rejects.toMatchObject({ code: 'LF_USER_FUNCTION' })
})

test('a program that cannot start says so at once', async () => {
  const wrong = job('wrong', () => {})
  await expect(testJob(wrong)).rejects.toMatchObject({ code: 'LF_PROGRAM_GRAPH' })
  await expect(testJob({} as typeof wrong)).rejects.toMatchObject({ code: 'LF_TEST_USAGE' })
  await expect(testJob(spendPerMinute, { parallelism: 0 })).rejects.toMatchObject({ code: 'LF_DEPLOYMENT_OPTION' })
})

test('what a test cannot ask for is told with what there is', async () => {
  const test = await testJob(spendPerMinute)
  expect(() => test.input('order')).toThrow("Job spend-per-minute has no source 'order': orders.")
  expect(() => test.output('spent')).toThrow("Job spend-per-minute has no sink 'spent': spend.")
  expect(() => test.metrics('window')).toThrow("has no operator 'window': orders, map-1, keyBy-1, per-minute, spend.")
  await test.finish()
  expect(() => test.input().push({})).toThrow('Source orders has ended')
})

test('payloads go through format, schema and event time of the source; records only through its event time', async () => {
  const positive: StandardSchema<unknown, number> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (Number(value) > 0 ? { value: Number(value) } : { issues: [{ message: 'not positive' }] }),
    },
  }
  const program = job('numbers', (flow) => {
    flow
      .source(kafka.source({ connection: 'c', topic: 't', value: text(), eventTime: (line) => line.length }), {
        name: 'lines',
      })
      .sinkTo(table.sink(), { name: 'lines-out' })
    flow
      .source(generator.source({ generate: () => '1', value: positive, eventTime: (n) => n * 10 }), {
        name: 'numbers',
        onError: 'skip',
      })
      .sinkTo(table.sink({ row: (n) => ({ n }) }), { name: 'numbers-out' })
  })
  const test = await testJob(program)
  await test.input('lines').pushPayload(new TextEncoder().encode('abc'))
  await test.input('lines').push('ab', { at: 7 })
  expect(test.outputRecords('lines-out')).toEqual([
    { value: 'abc', timestamp: 3, change: 'insert', written: {} },
    { value: 'ab', timestamp: 7, change: 'insert', written: {} },
  ])
  await test.input('numbers').pushPayload('5')
  await test.input('numbers').pushPayload('-5')
  await test.input('numbers').push(-5)
  expect(test.outputRecords('numbers-out')).toEqual([
    { value: 5, timestamp: 50, change: 'insert', written: { row: { n: 5 } } },
    { value: -5, timestamp: -50, change: 'insert', written: { row: { n: -5 } } },
  ])
  expect(test.metrics('numbers').recordsSkipped).toBe(1)
  expect(() => test.input()).toThrow('more than one source, so say which: lines, numbers.')
})

test('functions of sinks are called, and what they throw is told', async () => {
  const program = job('sinks', (flow) => {
    flow.source(generator.source<number>({ generate: (i) => i }), { name: 'numbers' }).sinkTo(
      files.sink<number>({
        path: 'out.csv',
        format: 'csv',
        row: (n) => {
          if (n === 13) throw new Error('unlucky')
          return { n }
        },
      }),
      { name: 'out' },
    )
  })
  const test = await testJob(program)
  await test.input().push(1)
  expect(test.outputRecords()).toMatchObject([{ value: 1, timestamp: null, written: { row: { n: 1 } } }])
  await expect(test.input().push(13)).rejects.toMatchObject({
    message: 'Job sinks, operator out, record numbers/0@1: unlucky',
  })
})

test('what the program changes later does not change what has come out', async () => {
  const program = job('shared', (flow) => {
    const shared = { seen: 0, of: ['a'] }
    flow
      .source(generator.source<string>({ generate: String }))
      .map((letter) => {
        shared.seen++
        shared.of.push(letter)
        return shared
      })
      .sinkTo(table.sink())
  })
  const test = await testJob(program)
  await test.input().push('b')
  await test.input().push('c')
  expect(test.output()).toStrictEqual([
    { seen: 1, of: ['a', 'b'] },
    { seen: 2, of: ['a', 'b', 'c'] },
  ])
})

test('calls that are not waited for keep their order', async () => {
  const test = await testJob(spendPerMinute)
  const orders = test.input<Order>()
  await Promise.all([
    orders.push({ user: 'a', amount: 1 }, { at: 1 }),
    orders.watermark(60_000),
    orders.push({ user: 'a', amount: 2 }, { at: 2 }),
    orders.watermark(120_000),
    orders.push({ user: 'a', amount: 3 }, { at: 120_000 }),
    orders.end(),
  ])
  expect(test.output<{ spent: number }>().map(({ spent }) => spent)).toEqual([1, 3])
  expect(test.metrics('per-minute').recordsLate).toBe(1)
})

test('the bounded form of a program is another option, and emits only what is final', async () => {
  const running = job('running', (flow) => {
    flow
      .source(generator.source<Order>({ generate: () => ({ user: 'nobody', amount: 0 }) }))
      .keyBy(({ user }) => user)
      .aggregate({ orders: count() })
      .sinkTo(table.sink())
  })
  const stream = await testJob(running)
  const batch = await testJob(running, { bounded: true })
  for (const test of [stream, batch]) {
    await test.input().push({ user: 'a', amount: 1 })
    await test.input().push({ user: 'a', amount: 1 })
    await test.finish()
  }
  expect(stream.output()).toEqual([
    { key: 'a', orders: 1 },
    { key: 'a', orders: 2 },
  ])
  expect(batch.output()).toEqual([{ key: 'a', orders: 2 }])
})

/** As long as an answer of another process might take. */
async function afterTurns(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('calls of mapAsync are waited for, in real time where they need it; one that hangs is left to its timeout', async () => {
  const program = job('asking', (flow) => {
    flow
      .source(generator.source<number>({ generate: (i) => i }))
      .mapAsync((n) => (n === 0 ? new Promise<number>(() => {}) : afterTurns(20).then(() => n * 2)), {
        name: 'ask',
        timeout: '1m',
        retries: 0,
        onError: 'skip',
        ordered: false,
      })
      .sinkTo(table.sink({ row: (n) => ({ n }) }))
  })
  const test = await testJob(program)
  await test.input().push(21)
  expect(test.output()).toEqual([42])
  await test.input().push(0)
  expect(test.metrics('ask').recordsSkipped).toBe(0)
  await test.advance('1m')
  expect(test.metrics('ask').recordsSkipped).toBe(1)
})

test('lookups find what the test gives, by a map or a function', async () => {
  const program = job('lookups', (flow) => {
    flow
      .source(generator.source<string>({ generate: String }))
      .lookup(redis.lookup({ connection: 'cache', key: (id) => `name:${id}`, value: text() }), {
        name: 'names',
        key: (id) => id,
        combine: (id, name) => ({ id, name }),
      })
      .sinkTo(table.sink())
  })
  const byMap = await testJob(program, { lookups: { names: new Map([['p1', 'tea']]) } })
  await byMap.input().pushAll(['p1', 'p2'])
  const byFunction = await testJob(program, { lookups: { names: async (id) => (id === 'p1' ? 'tea' : undefined) } })
  await byFunction.input().pushAll(['p1', 'p2'])
  for (const test of [byMap, byFunction])
    expect(test.output()).toEqual([
      { id: 'p1', name: 'tea' },
      { id: 'p2', name: null },
    ])
  const byNothing = await testJob(program)
  await expect(byNothing.input().push('p1')).rejects.toMatchObject({
    code: 'LF_TEST_USAGE',
    message: expect.stringContaining('the test does not say what lookup names finds'),
  })
})
