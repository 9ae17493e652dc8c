import { job, sideOutput, state, sum, type Flow } from '@lightflus/api'
import fc from 'fast-check'
import { anyRun } from '../testing/any-run.ts'
import { runJob } from '../testing/job-runs.ts'
import type { ListData } from '../testing/list-connector.ts'
import { listSink, listSource } from '../testing/list-job.ts'

// Goal: whole jobs whose streams meet give what plain code gives on the same records, at any parallelism, interrupted
// anywhere and resumed at another one.

interface Event {
  readonly id: number
  readonly key: string
  readonly at: number
}

/** Partitions of events whose times rise; ids tell all events of a source apart. */
const partitions = fc
  .array(
    fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), step: fc.integer({ min: 1, max: 20 }) }), {
      maxLength: 15,
      size: 'max',
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => {
    let id = 0
    return all.map((steps) => {
      let at = 0
      return steps.map(({ key, step }): Event => ({ id: id++, key, at: (at += step) }))
    })
  })

const listOf = (all: readonly (readonly Event[])[]): ListData =>
  Object.fromEntries(
    all.map((events, number) => [`p/${number}`, events.map((event) => ({ payload: event, timestamp: event.at }))]),
  )
const source = (flow: Flow, name: string) => flow.source(listSource<Event>({ eventTime: ({ at }) => at }), { name })
const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort()

test('a union has the records of all its streams, once, also where one of them stands in it twice', async () => {
  const union = job('union', (flow) => {
    const left = source(flow, 'left')
    left
      .filter(({ key }) => key !== 'a')
      .union(source(flow, 'right'), left)
      .keyBy(({ key }) => key)
      .process(
        {
          state: { count: state.value<number>(), ids: state.reducing(sum(({ id }: Event) => id)) },
          onRecord(event, { state: { count, ids }, timers }) {
            count.set((count.get() ?? 0) + 1)
            ids.add(event)
            timers.setEventTime(1_000_000)
          },
          onTimer: (_, { key, state: { count, ids } }) => [{ key, count: count.get(), ids: ids.get() }],
        },
        { name: 'counts' },
      )
      .sinkTo(listSink(), { name: 'out' })
  })
  await fc.assert(
    fc.asyncProperty(partitions, partitions, anyRun, async (left, right, way) => {
      const { rows, last } = await runJob(union, { left: listOf(left), right: listOf(right) }, way)
      expect(last.ending).toBe('FINISHED')
      const all = [...left.flat().filter(({ key }) => key !== 'a'), ...right.flat(), ...left.flat()]
      const expected = [...Map.groupBy(all, ({ key }) => key)].map(([key, events]) => ({
        key,
        count: events.length,
        ids: events.reduce((total, { id }) => total + id, 0),
      }))
      expect(sorted(rows.map(({ value }) => value))).toEqual(sorted(expected))
    }),
    { numRuns: 150 },
  )
})

/** How long a record waits for its partner. */
const patience = 30
const unmatched = sideOutput<number>('unmatched')

test('connected streams find their partners by key, and tell of those that find none when the time is over', async () => {
  const pairs = job('pairs', (flow) => {
    const matched = source(flow, 'left')
      .keyBy(({ key, at }) => `${key}${Math.floor(at / 10)}`)
      .connect(
        source(flow, 'right').keyBy(({ key, at }) => `${key}${Math.floor(at / 10)}`),
        {
          state: { lefts: state.list<Event>(), rights: state.map<number, Event>() },
          onLeft(event, { state: { lefts, rights }, timers }) {
            lefts.add(event)
            timers.setEventTime(Math.floor(event.at / 10) * 10 + patience)
            return [...rights.entries()].map(([id]) => [event.id, id])
          },
          onRight(event, { state: { lefts, rights }, timers }) {
            rights.set(event.id, event)
            timers.setEventTime(Math.floor(event.at / 10) * 10 + patience)
            return lefts.get().map(({ id }) => [id, event.id])
          },
          onTimer(_, { state: { lefts, rights }, output }) {
            if (rights.size === 0) for (const { id } of lefts.get()) output(unmatched, id)
            lefts.clear()
            rights.clear()
          },
        },
        { name: 'pairs' },
      )
    matched.sinkTo(listSink(), { name: 'out' })
    matched.sideOutput(unmatched).sinkTo(listSink(), { name: 'alone' })
  })
  await fc.assert(
    fc.asyncProperty(partitions, partitions, anyRun, async (left, right, way) => {
      const { rows, last } = await runJob(pairs, { left: listOf(left), right: listOf(right) }, way)
      const [lefts, rights] = [left.flat(), right.flat()]
      const fits = (a: Event, b: Event) => a.key === b.key && Math.floor(a.at / 10) === Math.floor(b.at / 10)
      const of = (sink: string) => sorted(rows.filter((row) => row.sink === sink).map(({ value }) => value))
      expect(of('out')).toEqual(sorted(lefts.flatMap((a) => rights.filter((b) => fits(a, b)).map((b) => [a.id, b.id]))))
      expect(of('alone')).toEqual(sorted(lefts.filter((a) => !rights.some((b) => fits(a, b))).map(({ id }) => id)))
      // What onTimer clears is gone: at the end there is neither state nor a timer of any key.
      const { snapshots } = last.checkpoints.at(-1)!
      const left_ = snapshots.flatMap(({ operators }) => operators.filter(({ operator }) => operator === 'pairs'))
      for (const { keyGroups } of left_) expect(keyGroups.size).toBe(0)
    }),
    { numRuns: 150 },
  )
})

describe('broadcast', () => {
  const told = job('told', (flow) => {
    source(flow, 'in')
      .keyBy(({ key }) => key)
      .connect(
        source(flow, 'rules').broadcast(),
        {
          state: { own: state.list<number>() },
          broadcastState: { rules: state.map<number, string>() },
          onRecord(event, { state: { own }, timers }) {
            own.add(event.id)
            timers.setEventTime(1_000_000)
          },
          onBroadcast(rule, { broadcast: { rules } }) {
            rules.set(rule.id, rule.key)
            return [`rule ${rule.id}`]
          },
          onTimer: (_, { key, state: { own }, broadcast: { rules } }) => [
            [key, [...own.get()].sort(), [...rules.entries()].sort()],
          ],
        },
        { name: 'told' },
      )
      .sinkTo(listSink(), { name: 'out' })
  })
  const expected = (events: readonly Event[], rules: readonly Event[]) =>
    sorted([
      ...rules.map(({ id }) => `rule ${id}`),
      ...[...Map.groupBy(events, ({ key }) => key)].map(([key, own]) => [
        key,
        own.map(({ id }) => id).sort(),
        rules.map(({ id, key: word }) => [id, word]).sort(),
      ]),
    ])

  test('every key knows at the end all that was broadcast, and each rule is emitted once', async () => {
    await fc.assert(
      fc.asyncProperty(partitions, partitions, anyRun, async (events, rules, way) => {
        const { rows } = await runJob(told, { in: listOf(events), rules: listOf(rules) }, way)
        expect(sorted(rows.map(({ value }) => value))).toEqual(expected(events.flat(), rules.flat()))
      }),
      { numRuns: 150 },
    )
  })

  test('records without keys stay where they are, and a rule is emitted once all the same', async () => {
    const unkeyed = job('unkeyed', (flow) => {
      source(flow, 'in')
        .connect(source(flow, 'rules').broadcast(), {
          broadcastState: { rules: state.list<number>() },
          onRecord: ({ id }) => [id],
          onBroadcast(rule, { broadcast: { rules } }) {
            rules.add(rule.id)
            return [`rule ${rule.id}`]
          },
        })
        .sinkTo(listSink(), { name: 'out' })
    })
    await fc.assert(
      fc.asyncProperty(partitions, partitions, anyRun, async (events, rules, way) => {
        const { rows } = await runJob(unkeyed, { in: listOf(events), rules: listOf(rules) }, way)
        expect(sorted(rows.map(({ value }) => value))).toEqual(
          sorted([...events.flat().map(({ id }) => id), ...rules.flat().map(({ id }) => `rule ${id}`)]),
        )
      }),
      { numRuns: 60 },
    )
  })

  test('one subtask becomes four, then two', async () => {
    const events = Array.from({ length: 40 }, (_, id): Event => ({ id, key: `k${id % 9}`, at: id }))
    const rules = Array.from({ length: 12 }, (_, id): Event => ({ id, key: `word${id}`, at: id }))
    const way = (atPoll: number, parallelismAfter: number) => ({ how: 'suspend' as const, atPoll, parallelismAfter })
    const { rows, last } = await runJob(
      told,
      { in: listOf([events.slice(0, 20), events.slice(20)]), rules: listOf([rules.slice(0, 6), rules.slice(6)]) },
      { parallelism: 1, cuts: [3], slowWriteEvery: 2, interruptions: [way(4, 4), way(7, 2)] },
    )
    expect(last.ending).toBe('FINISHED')
    expect(sorted(rows.map(({ value }) => value))).toEqual(expected(events, rules))
  })
})
