import { job, sideOutput, state, type Flow } from '@lightflus/api'
import fc from 'fast-check'
import { anyRun } from '../testing/any-run.ts'
import { runJob } from '../testing/job-runs.ts'
import type { ListData } from '../testing/list-connector.ts'
import { listSink, listSource } from '../testing/list-job.ts'

// Goal: whole jobs with process functions give what plain code gives on the same records, at any parallelism, interrupted
// anywhere and resumed at another one.

interface Event {
  readonly id: number
  readonly key: string
  readonly at: number
}

/** How far out of order a partition's records may be: the source is told the same. */
const outOfOrdernessMs = 25

const partitions = fc
  .array(
    fc.array(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c', 'd', 'bad'),
        step: fc.nat(15),
        back: fc.nat(outOfOrdernessMs),
      }),
      { maxLength: 20, size: 'max' },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => {
    let id = 0
    return all.map((steps) => {
      let newest = 0
      return steps.map(({ key, step, back }): Event => ({ id: id++, key, at: (newest += step) - back }))
    })
  })

const listOf = (all: readonly (readonly Event[])[]): ListData =>
  Object.fromEntries(
    all.map((events, number) => [`p/${number}`, events.map((event) => ({ payload: event, timestamp: event.at }))]),
  )
const eventsOf = (flow: Flow) =>
  flow.source(listSource<Event>({ outOfOrdernessMs, eventTime: ({ at }) => at }), { name: 'in' })

const rejected = sideOutput<number>('rejected')

const inOrder = job('in-order', (flow) => {
  const good = eventsOf(flow).process({
    onRecord(event, { output }) {
      if (event.key !== 'bad') return [event]
      output(rejected, event.id)
    },
  })
  good.sideOutput(rejected).sinkTo(listSink(), { name: 'rejected' })
  good
    .keyBy(({ key }) => key)
    .process(
      {
        state: { waiting: state.map<number, readonly number[]>() },
        onRecord({ id, at }, { state: { waiting }, timers }) {
          waiting.set(at, [...(waiting.get(at) ?? []), id])
          timers.setEventTime(at)
        },
        onTimer(time, { key, state: { waiting } }) {
          const ids = waiting.get(time)!
          waiting.delete(time)
          return [{ key, time, ids: [...ids].sort((a, b) => a - b) }]
        },
      },
      { name: 'order' },
    )
    .sinkTo(listSink(), { name: 'out' })
})

test('a function can put each key’s records in the order of their event times', async () => {
  await fc.assert(
    fc.asyncProperty(partitions, anyRun, async (all, way) => {
      const { rows, last } = await runJob(inOrder, { in: listOf(all) }, way)
      expect(last.ending).toBe('FINISHED')
      const events = all.flat()
      const of = (sink: string) => rows.filter((row) => row.sink === sink)
      expect(
        of('rejected')
          .map(({ value }) => value as number)
          .sort((a, b) => a - b),
      ).toEqual(
        events
          .filter(({ key }) => key === 'bad')
          .map(({ id }) => id)
          .sort((a, b) => a - b),
      )
      for (const key of ['a', 'b', 'c', 'd']) {
        const own = events.filter((event) => event.key === key)
        const times = [...new Set(own.map(({ at }) => at))].sort((a, b) => a - b)
        const expected = times.map((time) => ({
          value: { key, time, ids: own.filter(({ at }) => at === time).map(({ id }) => id) },
          timestamp: time,
        }))
        expect(
          of('out')
            .map(({ value, timestamp }) => ({ value, timestamp }))
            .filter(({ value }) => (value as { key: string }).key === key),
        ).toEqual(expected)
      }
    }),
    { numRuns: 250 },
  )
})

const alarmed = job('alarmed', (flow) => {
  eventsOf(flow)
    .keyBy(({ key }) => key)
    .process(
      {
        state: { ids: state.list<number>({ ttl: '1d' }) },
        onRecord({ id }, { state: { ids }, timers }) {
          ids.add(id)
          timers.setProcessingTime(1_000_000)
        },
        onTimer(time, { key, timer, state: { ids }, timers }) {
          // Heard no more: the input has ended, since the clock of the test stands nearly still.
          timers.setProcessingTime(time + 1)
          return [{ key, timer, ids: [...ids.get()].sort((a, b) => a - b) }]
        },
      },
      { name: 'alarms' },
    )
    .sinkTo(listSink(), { name: 'out' })
})

test('processing-time timers for later than the end of the input fire at the end, once', async () => {
  await fc.assert(
    fc.asyncProperty(partitions, anyRun, async (all, way) => {
      const { rows } = await runJob(alarmed, { in: listOf(all) }, way)
      const byKey = (a: { readonly key: string }, b: { readonly key: string }) => (a.key < b.key ? -1 : 1)
      expect(rows.map(({ value }) => value as { readonly key: string }).sort(byKey)).toEqual(
        [...Map.groupBy(all.flat(), ({ key }) => key)]
          .map(([key, own]) => ({ key, timer: 'processingTime', ids: own.map(({ id }) => id) }))
          .sort(byKey),
      )
      for (const { timestamp } of rows) expect(timestamp).toBe(Number.MIN_SAFE_INTEGER)
    }),
    { numRuns: 100 },
  )
})
