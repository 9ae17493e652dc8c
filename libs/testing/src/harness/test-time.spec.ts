import { jest } from '@jest/globals'
import { count, early, generator, job, kafka, table, text, tumbling } from '@lightflus/api'
import { testJob } from './test-job.ts'

// Goal: time is the test's. Nothing moves by itself, and what is due happens at its own moment.

const throttled = job('throttled', (flow) => {
  flow
    .source(generator.source<number>({ generate: (i) => i }))
    .throttle({ records: 1, per: '10s', name: 'slowly' })
    .sinkTo(table.sink({ row: (n) => ({ n }) }))
})

test('the clock begins where the test says, and stops where it is advanced to', async () => {
  const test = await testJob(throttled, { now: 1_000 })
  expect(test.now).toBe(1_000)
  await test.advance('1m')
  expect(test.now).toBe(61_000)
  expect((await test.snapshot()).now).toBe(61_000)
})

test.each([1, 3])(
  'what a job that is held back has not read is in its snapshot, with %i subtasks then',
  async (parallelism) => {
    const before = await testJob(throttled)
    await before.input().push(1)
    await before.input().push(2)
    await before.input().push(3)
    expect(before.output()).toEqual([1])
    const after = await testJob(throttled, { restore: await before.snapshot(), parallelism })
    await after.advance('1m')
    await after.input().push(4)
    await after.advance('1m')
    expect([...after.output()].sort()).toEqual([2, 3, 4])
    await before.finish()
    expect(before.output()).toEqual([2, 3])
  },
)

const perMinute = job('per-minute', (flow) => {
  flow
    .source(
      kafka.source({
        connection: 'c',
        topic: 't',
        value: text(),
        eventTime: (line) => Number(line),
        outOfOrderness: '5s',
      }),
    )
    .keyBy(() => 'all')
    .window(tumbling('1m'), { trigger: early.every('10s') })
    .aggregate({ n: count() })
    .sinkTo(table.sink())
})

test('early results come at their moments, however far the clock is advanced at once', async () => {
  const test = await testJob(perMinute)
  await test.input().push('1000')
  await test.advance('9s')
  expect(test.output()).toEqual([])
  await test.advance('1d')
  expect(test.output()).toEqual([expect.objectContaining({ n: 1, pane: expect.objectContaining({ timing: 'early' }) })])
})

test('sources tell their own watermarks where the test wants it', async () => {
  const test = await testJob(perMinute, { watermarks: 'source' })
  await test.input().push('1000')
  await test.input().push('64999')
  expect(test.output()).toEqual([])
  await test.input().push('65000')
  expect(test.output()).toEqual([expect.objectContaining({ n: 1 })])
  expect(test.metrics('window-1').watermark).toBe(60_000)
})

test('fake timers of the test’s own framework stop nothing', async () => {
  jest.useFakeTimers()
  try {
    const test = await testJob(perMinute)
    await test.input().push('1000')
    await test.watermark(60_000)
    expect(test.output()).toHaveLength(1)
  } finally {
    jest.useRealTimers()
  }
})
