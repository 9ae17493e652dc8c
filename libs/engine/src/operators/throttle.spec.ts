import { count, job, tumbling, type OperatorDefinition } from '@lightflus/api'
import fc from 'fast-check'
import type { RecordBatch } from '../record.ts'
import { runJob, type JobRun } from '../testing/job-runs.ts'
import type { CollectedRow, ListData } from '../testing/list-connector.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import { LocalAttempt } from '../testing/local-attempt.ts'
import { operatorContext } from '../testing/operator-context.ts'
import { runTable } from '../testing/operator-table.ts'
import { VirtualHost } from '../testing/virtual-host.ts'
import { createThrottle } from './throttle.ts'

interface Given {
  readonly records: number
  readonly perMs: number
}

function throttle(options: Given, given: { parallelism?: number; index?: number; signal?: AbortSignal } = {}) {
  const { parallelism = 1, index = 0, signal = new AbortController().signal } = given
  const host = new VirtualHost()
  const node = { id: 'throttle-1', kind: 'throttle', named: false, options }
  const operator = createThrottle(
    operatorContext({ node, functions: {} } as unknown as OperatorDefinition<'throttle'>, {
      host,
      signal,
      subtask: { index, parallelism },
    }),
  )
  const passed: { readonly value: unknown; readonly at: number }[] = []
  const output = {
    emit: ({ values }: RecordBatch) => void passed.push(...values.map((value) => ({ value, at: host.clock.now() }))),
    emitSide() {},
  }
  return { host, operator, output, passed }
}

const batchOf = (values: readonly number[]): RecordBatch => ({ values, timestamps: values })

test('records pass evenly spread, and first of all at once', () =>
  runTable(
    { kind: 'throttle', create: createThrottle, functions: {}, options: { records: 2, perMs: 1_000 } },
    `
    in  :1@1
    out 1@1
    in  :2@2 :3@3
    out
    now 499
    out
    now 500
    out 2@2
    in  :4@4
    now 900
    out
    now 1000
    out 3@3
    now 1500
    out 4@4
    now 9000
    in  :5@5 :6@6
    out 5@5
    now 9499
    out
    now 9500
    out 6@6
    `,
  ))

test('whatever the timers do: all in order, never more in a time, and hardly less', async () => {
  const arbitrary = fc.record({
    records: fc.integer({ min: 1, max: 5_000 }),
    perMs: fc.constantFrom(100, 1_000, 60_000),
    parallelism: fc.integer({ min: 1, max: 3 }),
    sizes: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 }),
    lateness: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ records, perMs, parallelism, sizes, lateness }) => {
      const { host, operator, output, passed } = throttle({ records, perMs }, { parallelism })
      let total = 0
      let turn = 0
      for (const size of sizes) {
        await operator.processBatch(batchOf(Array.from({ length: size }, () => total++)), output, 0)
        while (operator.isBlocked!()) {
          const due = Math.max(operator.processingTimeDue!(), host.clock.now())
          host.advanceTo(Math.ceil(due) + lateness[turn++ % lateness.length])
          await operator.onProcessingTime!(host.clock.now(), output)
        }
      }
      expect(passed.map(({ value }) => value)).toEqual(Array.from({ length: total }, (_, value) => value))
      const share = records / parallelism
      const inPortion = Math.max(1, Math.floor((10 * share) / perMs))
      // What passes at once counts as if it were spread over the 10 ms behind it; a late timer makes up for as much.
      const slack = inPortion === 1 ? 1 : 3 * inPortion
      for (let first = 0, last = 0; last < passed.length; last++) {
        while (passed[last].at - passed[first].at >= perMs) first++
        expect(last - first + 1).toBeLessThanOrEqual(Math.ceil(share) + slack)
      }
      const timers = Math.ceil(total / inPortion) + sizes.length
      expect(host.clock.now()).toBeLessThanOrEqual((total * perMs) / share + timers * (1 + 4) + 10)
    }),
  )
})

test('the slow rate is exact: no record comes sooner after the one before than its share of the time', async () => {
  const { host, operator, output, passed } = throttle({ records: 10, perMs: 1_000 }, { parallelism: 2 })
  await operator.processBatch(batchOf([1, 2, 3]), output, 0)
  for (const now of [207, 400, 407]) {
    host.advanceTo(now)
    if (operator.processingTimeDue!() <= now) await operator.onProcessingTime!(now, output)
  }
  expect(passed.map(({ at }) => at)).toEqual([0, 207, 407])
})

test('a watermark and the end wait for what is held, and the end of the job for nothing', async () => {
  const waiting = throttle({ records: 1, perMs: 1_000 })
  await waiting.operator.processBatch(batchOf([1, 2, 3]), waiting.output, 0)
  await waiting.host.runUntil(Promise.resolve(waiting.operator.onWatermark(5, waiting.output)))
  expect(waiting.passed.map(({ at }) => at)).toEqual([0, 1_000, 2_000])
  await waiting.operator.processBatch(batchOf([4]), waiting.output, 0)
  await waiting.host.runUntil(Promise.resolve(waiting.operator.endInput(waiting.output)))
  expect(waiting.passed.map(({ at }) => at)).toEqual([0, 1_000, 2_000, 3_000])

  const ending = new AbortController()
  const cancelled = throttle({ records: 1, perMs: 1_000 }, { signal: ending.signal })
  await cancelled.operator.processBatch(batchOf([1, 2]), cancelled.output, 0)
  const end = cancelled.operator.endInput(cancelled.output)
  ending.abort(new Error('over'))
  await expect(end).rejects.toThrow('over')
  expect(cancelled.passed).toHaveLength(1)
})

test('what was held is restored once, whatever the parallelism', async () => {
  const old = [0, 1, 2].map((index) => throttle({ records: 3, perMs: 1_000 }, { index, parallelism: 3 }))
  for (const [index, { operator, output }] of old.entries())
    await operator.processBatch(batchOf([10 * index, 10 * index + 1, 10 * index + 2]), output, 0)
  const subtasks = old.map(({ operator }) => structuredClone(operator.snapshot()!.subtask))
  for (const parallelism of [1, 2, 3, 4]) {
    const passed: unknown[] = []
    for (let index = 0; index < parallelism; index++) {
      const next = throttle({ records: 1_000, perMs: 1 }, { index, parallelism })
      next.operator.restore({ subtasks, keyGroups: new Map() })
      await next.host.runUntil(Promise.resolve(next.operator.endInput(next.output)))
      passed.push(...next.passed.map(({ value }) => value))
    }
    expect(passed.sort()).toEqual([1, 11, 12, 2, 21, 22])
  }
})

describe('in a job', () => {
  const data: ListData = {
    'p/0': Array.from({ length: 40 }, (_, n) => ({ payload: { user: `u${n % 3}`, n }, timestamp: n * 500 })),
    'p/1': Array.from({ length: 25 }, (_, n) => ({ payload: { user: `u${n % 2}`, n }, timestamp: n * 700 })),
  }
  const windows = (isThrottled: boolean, afterWindows: boolean) =>
    job('throttled', (flow) => {
      const source = flow.source(listSource<{ user: string }>(), { name: 'numbers' })
      const counted = (isThrottled && !afterWindows ? source.throttle({ records: 20, per: '1s' }) : source)
        .keyBy(({ user }) => user)
        .window(tumbling('2s'), { name: 'first' })
        .aggregate({ n: count() })
      const rows = isThrottled && afterWindows ? counted.throttle({ records: 20, per: '1s' }) : counted
      rows
        .keyBy(({ key }) => key)
        .window(tumbling('4s'), { name: 'second' })
        .aggregate({ windows: count() })
        .sinkTo(listSink())
    })
  const runs: [string, JobRun][] = [
    ['alone', { parallelism: 1, cuts: [7, 30], interruptions: [], slowWriteEvery: 0 }],
    ['in parallel', { parallelism: 3, cuts: [5], interruptions: [], slowWriteEvery: 3 }],
    [
      'interrupted, and with another parallelism',
      {
        parallelism: 2,
        cuts: [6],
        interruptions: [
          { how: 'suspend', atPoll: 3, parallelismAfter: 1 },
          { how: 'crash', atPoll: 2, parallelismAfter: 3 },
        ],
        slowWriteEvery: 0,
      },
    ],
  ]
  const textOf = (rows: readonly { readonly value: unknown }[]) => rows.map(({ value }) => JSON.stringify(value)).sort()

  test('a checkpoint does not wait for what is held, but has it', async () => {
    const hourly = job('hourly', (flow) => {
      flow
        .source(listSource<{ n: number }>(), { name: 'numbers' })
        .throttle({ records: 1, per: '1h', name: 'slowly' })
        .sinkTo(listSink())
    })
    const collected: CollectedRow[] = []
    const attempt: LocalAttempt = new LocalAttempt({
      job: hourly,
      parallelism: 1,
      world: {
        sources: { numbers: { 'p/0': data['p/0'].slice(0, 10) } },
        collected,
        cut: () => 5,
        onPoll: () => attempt.tell({ type: 'intervalElapsed' }),
      },
    })
    const { checkpoints, metrics } = await attempt.run()
    const [state] = checkpoints[0].snapshots[0].operators.filter(({ operator }) => operator === 'slowly')
    expect(state.subtask).toMatchObject({ held: [{ values: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }] }] })
    expect(collected).toHaveLength(10)
    // The watermark that was held back has come through, before that of the end.
    expect(metrics.map(({ watermark }) => watermark)).toEqual([2_000, 2_000, 2_000])
  })

  test.each(runs)('watermarks and barriers overtake nothing: %s', async (_name, run) => {
    const expected = textOf((await runJob(windows(false, false), { numbers: data })).rows)
    for (const afterWindows of [false, true]) {
      const { rows, last } = await runJob(windows(true, afterWindows), { numbers: data }, run)
      expect(last.ending).toBe('FINISHED')
      expect(textOf(rows)).toEqual(expected)
      expect(last.metrics.reduce((late, { recordsLate }) => late + recordsLate, 0)).toBe(0)
    }
  })
})
