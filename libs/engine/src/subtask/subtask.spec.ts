import { count, isLightflusError, job, sum, tumbling, type Flow } from '@lightflus/api'
import { listSink, listSource } from '../testing/list-job.ts'
import { runJob, plainRun, type JobRun } from '../testing/job-runs.ts'
import type { ListData } from '../testing/list-connector.ts'
import { LocalAttempt, type AttemptOptions } from '../testing/local-attempt.ts'

interface Order {
  readonly user: string
  readonly amount: number
}

/** Orders of two partitions: one a second each, the second partition three seconds behind. */
const orders: ListData = {
  'orders/0': Array.from({ length: 60 }, (_, i) => ({
    payload: { user: `u${i % 5}`, amount: i },
    timestamp: i * 1_000,
  })),
  'orders/1': Array.from({ length: 40 }, (_, i) => ({
    payload: { user: `u${i % 3}`, amount: 1 },
    timestamp: i * 1_000 - 3_000,
  })),
}

const perTenSeconds = job('per-ten-seconds', (flow: Flow) => {
  flow
    .source(listSource<Order>({ outOfOrdernessMs: 500 }), { name: 'orders' })
    .filter(({ amount }) => amount !== 7)
    .keyBy(({ user }) => user)
    .window(tumbling('10s'), { name: 'windows' })
    .aggregate({ orders: count(), spent: sum((order) => order.amount) })
    .sinkTo(listSink(), { name: 'out' })
})

const textOf = (rows: readonly { value: unknown; timestamp: number }[]) =>
  rows.map(({ value, timestamp }) => `${JSON.stringify(value)}@${timestamp}`).sort()

const runs: [string, Partial<JobRun>][] = [
  ['records one by one', { cuts: [1] }],
  ['uneven batches', { cuts: [1, 7, 3, 20] }],
  ['two subtasks', { parallelism: 2 }],
  ['more subtasks than partitions', { parallelism: 4, cuts: [3] }],
  ['a sink that holds back', { parallelism: 3, cuts: [5], slowWriteEvery: 2 }],
  [
    'a savepoint and as many subtasks again',
    { cuts: [4], interruptions: [{ how: 'suspend', atPoll: 9, parallelismAfter: 1 }] },
  ],
  [
    'savepoints and other numbers of subtasks',
    {
      parallelism: 2,
      cuts: [4],
      interruptions: [
        { how: 'suspend', atPoll: 5, parallelismAfter: 3 },
        { how: 'suspend', atPoll: 6, parallelismAfter: 1 },
      ],
    },
  ],
  [
    'crashes',
    {
      parallelism: 2,
      cuts: [4],
      interruptions: [
        { how: 'crash', atPoll: 3, parallelismAfter: 2 },
        { how: 'crash', atPoll: 8, parallelismAfter: 4 },
      ],
    },
  ],
]

test('a keyed window job gives the totals that can be counted by hand', async () => {
  const { rows, last } = await runJob(perTenSeconds, { orders })
  const first = rows.filter(({ timestamp }) => timestamp === 9_999).map(({ value }) => value)
  const window = { start: 0, end: 10_000 }
  // u2: 2 of partition 0 (amount 2; 7 is filtered) and 3 of partition 1 at 2 s, 5 s, 8 s.
  const pane = { timing: 'onTime', index: 0, isFirst: true, isLast: true }
  expect(first).toContainEqual({ key: 'u2', window, pane, orders: 4, spent: 5 })
  expect(last.ending).toBe('FINISHED')
  const total = rows.reduce((sum, { value }) => sum + (value as { orders: number }).orders, 0)
  expect(total).toBe(99)
})

test.each(runs)('%s: the same rows', async (_what, run) => {
  const plain = textOf((await runJob(perTenSeconds, { orders })).rows)
  expect(textOf((await runJob(perTenSeconds, { orders }, { ...plainRun, ...run })).rows)).toEqual(plain)
})

test.each(runs)('%s: branches, and aggregates that run on, end with the same values', async (_what, run) => {
  const branches = job('branches', (flow: Flow) => {
    const all = flow.source(listSource<Order>(), { name: 'orders' })
    all.map(({ amount }) => amount).sinkTo(listSink(), { name: 'amounts' })
    const byUser = all.keyBy(({ user }) => user)
    byUser.aggregate({ n: count() }, { name: 'counts' }).sinkTo(listSink(), { name: 'counted' })
    byUser
      .reduce((a, b) => ({ user: a.user, amount: a.amount + b.amount }), { name: 'sums' })
      .flatMap(({ key, value }) => [[key, value.amount] as const])
      .keyBy(([user]) => user.length)
      .aggregate({ n: count() }, { name: 'lengths' })
      .sinkTo(listSink(), { name: 'summed' })
  })
  const { rows } = await runJob(branches, { orders }, { ...plainRun, ...run })
  const last = (sink: string) =>
    Object.fromEntries(
      [
        ...Map.groupBy(
          rows.filter((row) => row.sink === sink).map(({ value }) => value as { key: string; n: number }),
          ({ key }) => key,
        ),
      ].map(([key, values]) => [key, Math.max(...values.map(({ n }) => n))]),
    )
  expect(rows.filter(({ sink }) => sink === 'amounts')).toHaveLength(100)
  expect(last('counted')).toEqual({ u0: 26, u1: 25, u2: 25, u3: 12, u4: 12 })
  expect(last('summed')).toEqual({ 2: 100 })
})

const attemptOf = (options: Partial<AttemptOptions> & { readonly onPoll?: (polls: number) => void }) => {
  let polls = 0
  const collected: AttemptOptions['world']['collected'] = []
  const attempt = new LocalAttempt({
    job: perTenSeconds,
    world: { sources: { orders }, collected, cut: () => 4, onPoll: () => options.onPoll?.(++polls) },
    parallelism: 2,
    ...options,
  })
  return { attempt, collected }
}

test('metrics say what every operator has done', async () => {
  const { attempt } = attemptOf({ parallelism: 1 })
  const { metrics } = await attempt.run()
  const of = (operator: string) => metrics.find((each) => each.operator === operator)
  expect(of('orders')).toMatchObject({ recordsIn: 100, recordsOut: 100, bytesIn: 100, lag: 0 })
  expect(of('filter-1')).toMatchObject({ recordsIn: 100, recordsOut: 99, watermark: 54_500 })
  expect(of('windows')).toMatchObject({ recordsIn: 99, recordsLate: 0 })
  expect(of('out')!.bytesOut).toBe(of('windows')!.recordsOut)
})

test('a drain reads no more, fires every window and leaves a final checkpoint', async () => {
  const { attempt, collected } = attemptOf({
    onPoll: (polls) => polls === 5 && attempt.tell({ type: 'drainRequested' }),
  })
  const { ending, checkpoints } = await attempt.run()
  expect(ending).toBe('DRAINED')
  expect(checkpoints.map(({ manifest }) => manifest.kind)).toEqual(['final'])
  const read = collected.reduce((total, { value }) => total + (value as { orders: number }).orders, 0)
  expect(read).toBeGreaterThan(10)
  expect(read).toBeLessThan(40)
})

test('what was read to its end stays at its end: a restored job finishes without reading', async () => {
  const first = attemptOf({})
  const { checkpoints } = await first.attempt.run()
  const second = attemptOf({
    attempt: 2,
    parallelism: 3,
    restore: checkpoints.at(-1)!,
    onPoll: () => {
      throw new Error('it read')
    },
  })
  expect((await second.attempt.run()).ending).toBe('FINISHED')
  expect(second.collected).toEqual([])
})

test('a subtask that has finished is in later checkpoints as finished', async () => {
  const uneven = { 'orders/0': orders['orders/0'], 'orders/1': orders['orders/1'].slice(0, 1) }
  let polls = 0
  const attempt = new LocalAttempt({
    job: perTenSeconds,
    world: {
      sources: { orders: uneven },
      collected: [],
      cut: () => 1,
      onPoll: () => ++polls === 30 && attempt.tell({ type: 'intervalElapsed' }),
    },
    parallelism: 2,
  })
  const { checkpoints } = await attempt.run()
  const [{ manifest, snapshots }] = checkpoints
  expect(manifest).toMatchObject({ kind: 'checkpoint', ending: null })
  const finished = manifest.subtasks.filter((subtask) => subtask.finished)
  expect(finished).toMatchObject([{ chain: 'orders', index: 1 }])
  expect(snapshots.find(({ chain, index }) => chain === 'orders' && index === 1)!.operators).toMatchObject([
    { operator: 'orders', subtask: { positions: { 'orders/1': 1 }, ended: true } },
  ])
})

test('an error of a user function ends the attempt with job, operator and record', async () => {
  const failing = job('failing', (flow: Flow) => {
    flow
      .source(listSource<Order>(), { name: 'orders' })
      .map((order) => {
        if (order.amount === 17) throw new Error('seventeen')
        return order
      })
      .sinkTo(listSink())
  })
  for (const parallelism of [1, 2])
    await expect(attemptOf({ job: failing, parallelism }).attempt.run()).rejects.toMatchObject({
      code: 'LF_USER_FUNCTION',
      message: 'Job failing, operator map-1, record orders/0@17: seventeen',
    })
})

test('an error behind an exchange names key and event time', async () => {
  const failing = job('failing', (flow: Flow) => {
    flow
      .source(listSource<Order>(), { name: 'orders' })
      .keyBy(({ user }) => user)
      .reduce(
        () => {
          throw new Error('never')
        },
        { name: 'broken' },
      )
      .sinkTo(listSink())
  })
  await expect(attemptOf({ job: failing }).attempt.run()).rejects.toMatchObject({
    code: 'LF_USER_FUNCTION',
    message: expect.stringMatching(
      /^Job failing, operator broken, record with key "u\d", event time \d{4}-\S+Z: never$/,
    ),
  })
})

test('what a connector throws is told with the operator it belongs to', async () => {
  const { attempt } = attemptOf({
    onPoll: () => {
      throw new Error('the disk is gone')
    },
  })
  const thrown: unknown = await attempt.run().catch((error: unknown) => error)
  expect(isLightflusError(thrown)).toBe(true)
  expect(thrown).toMatchObject({
    code: 'LF_OPERATOR_FAILED',
    message: 'Job per-ten-seconds, operator orders: the disk is gone',
  })
})

test('a crash at any poll loses and repeats nothing', async () => {
  const plain = textOf((await runJob(perTenSeconds, { orders })).rows)
  for (let atPoll = 1; atPoll < 30; atPoll++) {
    const interruptions = [{ how: 'crash' as const, atPoll, parallelismAfter: 2 }]
    const { rows } = await runJob(perTenSeconds, { orders }, { ...plainRun, parallelism: 2, cuts: [4], interruptions })
    expect({ atPoll, rows: textOf(rows) }).toEqual({ atPoll, rows: plain })
  }
})
