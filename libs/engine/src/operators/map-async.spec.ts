import { count, job, sum, tumbling, type OperatorDefinition, type OperatorFunctions } from '@lightflus/api'
import fc from 'fast-check'
import { plainRun, runJob, type JobRun } from '../testing/job-runs.ts'
import type { ListData } from '../testing/list-connector.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import { operatorContext } from '../testing/operator-context.ts'
import { runTable } from '../testing/operator-table.ts'
import { VirtualHost } from '../testing/virtual-host.ts'
import type { RecordBatch } from '../record.ts'
import { createMapAsync } from './map-async.ts'

type Functions = OperatorFunctions['mapAsync']
const defaults = { concurrency: 100, ordered: true, timeoutMs: 30_000, retries: 0, cache: null }

/** An operator with what it emits and a clock that a test moves. */
function mapAsync(
  functions: Functions,
  options: object = {},
  given: {
    readonly onError?: 'fail' | 'skip'
    readonly signal?: AbortSignal
    readonly holdBack?: () => Promise<void>
  } = {},
) {
  const host = new VirtualHost()
  const operator = {
    node: { id: 'mapAsync-1', kind: 'mapAsync', named: false, options: { ...defaults, ...options } },
    functions,
  } as OperatorDefinition<'mapAsync'>
  const { holdBack, ...of } = given
  const log: string[] = []
  const context = operatorContext(operator, { host, log, ...of })
  const made = createMapAsync(context)
  const pieces: unknown[][] = []
  const output = {
    emit(batch: RecordBatch) {
      pieces.push([...batch.values])
      return holdBack?.()
    },
    emitSide() {},
  }
  const start = (...values: unknown[]) =>
    Promise.resolve(made.processBatch({ values, timestamps: values.map((_, index) => index) }, output, 0))
  return {
    host,
    pieces,
    metrics: context.metrics,
    log,
    start,
    run: (...values: unknown[]) => host.runUntil(start(...values)),
  }
}

/** A call that is answered after so many milliseconds. */
const after = <T>(host: VirtualHost, ms: number, answer: T) =>
  new Promise<T>((resolve) => void host.after(ms, () => resolve(answer)))

test('one record for each record, with its time, whatever the cuts', () =>
  runTable(
    {
      kind: 'mapAsync',
      create: createMapAsync,
      functions: { fn: (n: number) => Promise.resolve(n * 2), cacheKey: (n: number) => n },
      options: { ...defaults, cache: { ttlMs: 1_000, entriesMax: 10 } },
    },
    `
    in  :1@5 :2@6 :1@7
    out 2@5
    out 4@6
    out 2@7
    in  :3@1
    out 6@1
    `,
  ))

interface Given {
  readonly concurrency: number
  readonly ordered: boolean
  readonly delays: readonly number[]
}
const given: fc.Arbitrary<Given> = fc.record({
  concurrency: fc.integer({ min: 1, max: 6 }),
  ordered: fc.boolean(),
  delays: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 20 }),
})

test('any delays: every result once, in order if asked, and never more calls than may be under way', async () => {
  await fc.assert(
    fc.asyncProperty(given, async ({ concurrency, ordered, delays }) => {
      let underWay = 0
      let most = 0
      const ended: number[] = []
      const { host, pieces, run } = mapAsync(
        {
          async fn(index: number) {
            most = Math.max(most, ++underWay)
            await after(host, delays[index], undefined)
            underWay--
            ended.push(index)
            return index
          },
        },
        { concurrency, ordered },
      )
      await run(...delays.keys())
      const emitted = pieces.flat()
      expect(emitted).toEqual(ordered ? [...delays.keys()] : ended)
      expect(most).toBe(Math.min(concurrency, delays.length))
      expect(host.clock.now()).toBe(makespan(delays, concurrency))
      expect(underWay).toBe(0)
    }),
  )
})

/** How long it takes when the next call begins as soon as one of so many has ended. */
function makespan(delays: readonly number[], concurrency: number): number {
  const freeAt = new Array<number>(concurrency).fill(0)
  for (const delay of delays) {
    const first = freeAt.indexOf(Math.min(...freeAt))
    freeAt[first] += delay
  }
  return Math.max(...freeAt)
}

test('unordered results are emitted as they come, ordered ones as far as they are complete', async () => {
  const piecesOf = async (ordered: boolean) => {
    const tested = mapAsync({ fn: (ms: number) => after(tested.host, ms, ms) }, { ordered })
    await tested.run(20, 10, 30, 10)
    return tested.pieces
  }
  expect(await piecesOf(false)).toEqual([[10], [10], [20], [30]])
  expect(await piecesOf(true)).toEqual([
    [20, 10],
    [30, 10],
  ])
})

test('while the output holds back nothing is emitted, but calls go on', async () => {
  let held = false
  const tested = mapAsync(
    { fn: (ms: number) => after(tested.host, ms, ms) },
    { ordered: false, concurrency: 1 },
    {
      holdBack: async () => {
        expect(held).toBe(false)
        held = true
        await after(tested.host, 25, undefined)
        held = false
      },
    },
  )
  await tested.run(10, 10, 10)
  expect(tested.pieces).toEqual([[10], [10, 10]])
})

describe('a call that fails', () => {
  test('is tried again with pauses that double, up to ten seconds', async () => {
    const at: number[] = []
    const tested = mapAsync(
      {
        fn: () => {
          at.push(tested.host.clock.now())
          return at.length < 10 ? Promise.reject(new Error('busy')) : Promise.resolve('there')
        },
      },
      { retries: 9 },
    )
    await tested.run('x')
    expect(tested.pieces).toEqual([['there']])
    const pauses = at.slice(1).map((time, index) => time - at[index])
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
    expect(tested.log).toEqual(['1 calls tried again so far, this one because: busy'])
  })

  test('fails the job in the end, names its record, and aborts the others', async () => {
    const aborted: unknown[] = []
    const tested = mapAsync(
      {
        fn: (value, { signal }) => {
          signal.addEventListener('abort', () => aborted.push(value))
          return value === 'b' ? Promise.reject(new Error('no b here')) : new Promise(() => {})
        },
      },
      { retries: 2 },
    )
    await expect(tested.run('a', 'b', 'c')).rejects.toMatchObject({
      code: 'LF_CALL_FAILED',
      message: expect.stringMatching(/operator mapAsync-1, .*: no b here, after 3 tries/) as string,
      retry: true,
    })
    expect(aborted).toEqual(['a', 'c'])
    expect(tested.pieces).toEqual([])
  })

  test('is left out and counted under skip, also where it throws at once, with all who wait for it', async () => {
    const tested = mapAsync(
      {
        fn: (n: number) => {
          if (n === 2) throw new Error('not two')
          return n === 3 ? Promise.reject(new Error('not three')) : Promise.resolve(n)
        },
        cacheKey: (n: number) => n,
      },
      { cache: { ttlMs: 1, entriesMax: 9 } },
      { onError: 'skip' },
    )
    await tested.run(1, 2, 3, 2, 4)
    expect(tested.pieces.flat()).toEqual([1, 4])
    expect(tested.metrics.recordsSkipped).toBe(3)
  })

  test('has failed when it has not answered in time, and is told so', async () => {
    const reasons: unknown[] = []
    const tested = mapAsync(
      {
        fn: (_, { signal }) => {
          signal.addEventListener('abort', () => reasons.push(signal.reason))
          return new Promise(() => {})
        },
      },
      { timeoutMs: 2_000, retries: 1 },
    )
    await expect(tested.run('x')).rejects.toMatchObject({
      code: 'LF_CALL_FAILED',
      message: expect.stringContaining('no answer within 2 s, after 2 tries') as string,
    })
    expect(reasons).toHaveLength(2)
    expect(tested.host.clock.now()).toBe(2_000 + 100 + 2_000)
  })
})

test('when the job ends, the batch settles at once, in calls and in pauses', async () => {
  const ending = new AbortController()
  let calls = 0
  const tested = mapAsync(
    { fn: () => (++calls === 1 ? new Promise(() => {}) : Promise.reject(new Error('busy'))) },
    { retries: 5, concurrency: 2 },
    { signal: ending.signal, onError: 'skip' },
  )
  const done = tested.start('waits', 'fails', 'never begins')
  await new Promise((resolve) => setImmediate(resolve))
  ending.abort(new Error('over'))
  await expect(done).rejects.toThrow('over')
  await new Promise((resolve) => setImmediate(resolve))
  expect(calls).toBe(2)
  expect(tested.metrics.recordsSkipped).toBe(0)
})

describe('the cache', () => {
  const counting = (cache: object) => {
    const asked: unknown[] = []
    const fn = (value: { readonly id: number }) => {
      asked.push(value.id)
      return after(tested.host, 5, value.id * 10)
    }
    const tested = mapAsync({ fn, cacheKey: ({ id }) => id }, { cache })
    return { ...tested, asked, ask: (...ids: number[]) => tested.run(...ids.map((id) => ({ id }))) }
  }

  test('asks for a key once, within a batch and within its time', async () => {
    const { ask, asked, pieces, host } = counting({ ttlMs: 100, entriesMax: 10 })
    await ask(1, 2, 1, 1)
    await ask(2, 1)
    host.advanceTo(104)
    await ask(1)
    host.advanceTo(105)
    await ask(1)
    expect(asked).toEqual([1, 2, 1])
    expect(pieces.flat()).toEqual([10, 20, 10, 10, 20, 10, 10, 10])
  })

  test('keeps the keys that were used last', async () => {
    const { ask, asked } = counting({ ttlMs: 1_000, entriesMax: 2 })
    for (const id of [1, 2, 1, 3, 1, 2]) await ask(id)
    expect(asked).toEqual([1, 2, 3, 2])
  })

  test('makes a batch that is remembered wait for nothing', async () => {
    const { ask, start, pieces } = counting({ ttlMs: 1_000, entriesMax: 10 })
    await ask(1, 2)
    void start({ id: 2 }, { id: 1 })
    expect(pieces.at(-1)).toEqual([20, 10])
  })

  test('refuses a key that is none', async () => {
    const { run } = mapAsync(
      { fn: () => Promise.resolve(1), cacheKey: () => Number.NaN },
      { cache: { ttlMs: 1, entriesMax: 1 } },
    )
    await expect(async () => run(1)).rejects.toMatchObject({ code: 'LF_USER_RESULT' })
  })
})

describe('in a job', () => {
  const data: ListData = {
    'p/0': Array.from({ length: 60 }, (_, n) => ({ payload: n, timestamp: n * 100 })),
    'p/1': Array.from({ length: 40 }, (_, n) => ({ payload: n + 1_000, timestamp: n * 150 })),
  }
  /** Windows over what was asked for: a watermark that overtook a record would make it late. */
  const sums = (ordered: boolean, ask: (n: number) => Promise<number>) =>
    job('asking', (flow) => {
      flow
        .source(listSource<number>(), { name: 'numbers' })
        .mapAsync(ask, { ordered, concurrency: 3 })
        .keyBy((n) => n % 3)
        .window(tumbling('1s'), { name: 'windows' })
        .aggregate({ n: count(), total: sum((n) => n) })
        .sinkTo(listSink())
    })
  const interrupted: JobRun = {
    parallelism: 2,
    cuts: [7],
    interruptions: [
      { how: 'crash', atPoll: 3, parallelismAfter: 3 },
      { how: 'suspend', atPoll: 5, parallelismAfter: 1 },
    ],
    slowWriteEvery: 3,
  }
  const textOf = (rows: readonly { readonly value: unknown }[]) => rows.map(({ value }) => JSON.stringify(value)).sort()

  test.each([true, false])('neither a watermark nor a barrier overtakes a call; ordered: %p', async (ordered) => {
    const slowly = async (n: number) => {
      for (let turns = (n * 7) % 11; turns > 0; turns--) await Promise.resolve()
      return n
    }
    const expected = textOf(
      (
        await runJob(
          sums(true, (n) => Promise.resolve(n)),
          { numbers: data },
        )
      ).rows,
    )
    for (const run of [plainRun, interrupted]) {
      const { rows, last } = await runJob(sums(ordered, slowly), { numbers: data }, run)
      expect(textOf(rows)).toEqual(expected)
      expect(last.metrics.every(({ recordsLate }) => recordsLate === 0)).toBe(true)
    }
  })
})
