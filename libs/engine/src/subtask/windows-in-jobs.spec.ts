import {
  calendar,
  collect,
  countWindow,
  early,
  globalWindow,
  job,
  late,
  session,
  sliding,
  trigger,
  tumbling,
  type Flow,
  type TriggerChoice,
  type Windower,
} from '@lightflus/api'
import fc from 'fast-check'
import type { CollectedRow, ListData } from '../testing/list-connector.ts'
import { anyRun } from '../testing/any-run.ts'
import { runJob } from '../testing/job-runs.ts'
import { listSink, listSource } from '../testing/list-job.ts'
import { windowsByDefinition, type NaiveWindow, type WindowEvent } from '../testing/naive-windows.ts'

// Goal: programs with windows of every kind, trigger and relation of panes end in the rows of the definition, at any
// parallelism, interrupted and resumed at any other, and in batch as in stream.

interface Visit {
  readonly user: string
  readonly number: number
  readonly at: number
}
type Panes = 'accumulating' | 'discarding' | 'retracting'

const outOfOrdernessMs = 20

const partition = fc
  .array(fc.record({ user: fc.constantFrom('a', 'b', 'c', 'd'), step: fc.nat(12), back: fc.nat(outOfOrdernessMs) }), {
    maxLength: 25,
  })
  .map((steps) => {
    let newest = 0
    return steps.map(({ user, step, back }) => ({ user, at: (newest += step) - back }))
  })

const windower = fc.oneof(
  fc.integer({ min: 1, max: 40 }).map((size) => tumbling(size)),
  fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 4, max: 40 }))
    .map(([size, every]) => sliding(size, { every })),
  fc.integer({ min: 1, max: 20 }).map((gap) => session<Visit>(gap)),
  fc.constant(session<Visit>(({ number }) => 1 + (number % 9))),
  fc.constant(globalWindow()),
)

const triggers = fc.constantFrom<TriggerChoice<Visit> | undefined>(
  undefined,
  early.count(2),
  [early.every(3), early.count(3), late.every(5)],
  trigger.count(3),
  trigger.any(trigger.eventTime(), trigger.count(4)),
  trigger.sequence(trigger.count(1), trigger.all(trigger.count(2), trigger.every(2)), trigger.eventTime()),
  trigger.custom({
    state: () => 0,
    onRecord(visit: Visit, context) {
      context.state += visit.number
      return context.state % 5 === 0 ? 'fire' : 'continue'
    },
    merge: (a, b) => a + b,
  }),
)

interface Program {
  readonly windower: Windower<Visit>
  readonly trigger: TriggerChoice<Visit> | undefined
  readonly panes: Panes
  readonly bounded: boolean
  readonly keyed: boolean
}

const program: fc.Arbitrary<Program> = fc.record({
  windower,
  trigger: triggers,
  panes: fc.constantFrom<Panes>('accumulating', 'discarding', 'retracting'),
  bounded: fc.boolean(),
  keyed: fc.boolean(),
})

const windowJob = ({ windower: given, trigger: choice, panes, bounded, keyed }: Program) =>
  job('windows', (flow: Flow) => {
    const visits = flow.source(listSource<Visit>({ outOfOrdernessMs, bounded, eventTime: ({ at }) => at }), {
      name: 'in',
    })
    const options = { name: 'windows', panes, ...(choice && { trigger: choice }) } as const
    const windows = keyed ? visits.keyBy(({ user }) => user).window(given, options) : visits.window(given, options)
    const rows = windows.aggregate({ visits: collect<Visit>() })
    rows.sinkTo(listSink(), { name: 'out' })
  })

interface Row {
  readonly key?: string
  readonly window?: { readonly start: number; readonly end: number }
  readonly visits: readonly Visit[]
}

const identity = ({ key, window }: Row) => JSON.stringify([key ?? null, window?.start ?? null, window?.end ?? null])
const numbersOf = ({ visits }: Row) => visits.map(({ number }) => number).sort((a, b) => a - b)

function combined(rows: readonly CollectedRow[], panes: Panes): Map<string, readonly number[]> {
  const held = new Map<string, readonly number[]>()
  for (const { value, change } of rows) {
    const row = value as Row
    const id = identity(row)
    if (panes === 'discarding')
      held.set(
        id,
        [...(held.get(id) ?? []), ...numbersOf(row)].sort((a, b) => a - b),
      )
    else if (change === undefined || change === 'updateAfter') held.set(id, numbersOf(row))
    else held.delete(id)
  }
  return held
}

function byDefinition(visits: readonly Visit[], { windower: given, keyed }: Program): Map<string, readonly number[]> {
  const events = visits.map(({ user, number, at }): WindowEvent => ({
    kind: 'record',
    key: keyed ? user : '',
    value: number,
    timestamp: at,
  }))
  const asNumbers =
    given.kind === 'session' && given.gap
      ? { ...given, gap: (number: number) => given.gap!({ number } as Visit) }
      : given
  const { windows } = windowsByDefinition(events, asNumbers as Windower<number>, 0)
  const bounds = ({ start, end }: NaiveWindow) => (given.kind === 'global' ? [null, null] : [start, end])
  return new Map(
    windows.map((window) => [
      JSON.stringify([keyed ? window.key : null, ...bounds(window)]),
      [...window.values].sort((a, b) => a - b),
    ]),
  )
}

const entries = (rows: ReadonlyMap<string, readonly number[]>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1))

test('windows end in the rows of their definition, however the job is cut, spread, interrupted and resumed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(partition, { minLength: 1, maxLength: 3 }),
      program,
      anyRun,
      async (partitions, made, way) => {
        let number = 0
        const visits = partitions.map((records) => records.map((record): Visit => ({ ...record, number: number++ })))
        const data: ListData = Object.fromEntries(
          visits.map((records, index) => [`p/${index}`, records.map((payload) => ({ payload, timestamp: 0 }))]),
        )
        const { rows, last } = await runJob(windowJob(made), { in: data }, way)
        expect(last.ending).toBe('FINISHED')
        expect(last.metrics.reduce((sum, { recordsLate }) => sum + recordsLate, 0)).toBe(0)
        const held = combined(rows, made.panes)
        const definition = byDefinition(visits.flat(), made)
        if (made.bounded)
          expect(rows.map(({ value }) => (value as Row & { pane: unknown }).pane)).toEqual(rows.map(() => onlyPane))
        // Without retractions, what came out of a session before it became part of another stays.
        const staysOnly = made.windower.kind !== 'session' || made.panes === 'retracting' || made.bounded
        if (staysOnly) expect(entries(held)).toEqual(entries(definition))
        else if (made.panes === 'accumulating')
          expect(entries(held)).toEqual(expect.arrayContaining(entries(definition)))
        else expect([...held.values()].flat().sort((a, b) => a - b)).toEqual(visits.flat().map((visit) => visit.number))
      },
    ),
    { numRuns: 400 },
  )
})

const onlyPane = { timing: 'onTime', index: 0, isFirst: true, isLast: true }
const list = (...visits: readonly (readonly [user: string, at: number])[]): ListData => ({
  p: visits.map(([user, at], number) => ({ payload: { user, at, number }, timestamp: 0 })),
})
const rowsOf = async (windows: Windower<Visit>, keyed: boolean, data: ListData) => {
  const made: Program = { windower: windows, trigger: undefined, panes: 'accumulating', bounded: false, keyed }
  const { rows } = await runJob(windowJob(made), { in: data })
  return rows.map(({ value, timestamp }) => {
    const { visits, ...row } = value as Row
    return { ...row, visits: visits.map(({ number }) => number), timestamp }
  })
}

test('windows of so many records come as they fill, and at the end of input with what they have', async () => {
  const data = list(['a', 1], ['b', 2], ['a', 9], ['a', 3], ['b', 4], ['a', 5], ['a', 6])
  expect(await rowsOf(countWindow(2), true, data)).toEqual([
    { key: 'a', pane: onlyPane, visits: [0, 2], timestamp: 9 },
    { key: 'b', pane: onlyPane, visits: [1, 4], timestamp: 4 },
    { key: 'a', pane: onlyPane, visits: [3, 5], timestamp: 5 },
    { key: 'a', pane: onlyPane, visits: [6], timestamp: 6 },
  ])
  expect(await rowsOf(countWindow(4, { every: 3 }), false, data)).toEqual([
    { pane: onlyPane, visits: [0, 1, 2], timestamp: 9 },
    { pane: onlyPane, visits: [2, 3, 4, 5], timestamp: 9 },
    { pane: onlyPane, visits: [5, 6], timestamp: 6 },
  ])
})

test('a day in Berlin has 23 hours when its clocks are put forward', async () => {
  const day = Date.parse('2026-03-29T00:00:00+01:00')
  const hours = (count: number) => day + count * 3_600_000
  expect(
    await rowsOf(
      calendar('day', { timeZone: 'Europe/Berlin' }),
      false,
      list(['a', day], ['a', hours(22)], ['a', hours(23)]),
    ),
  ).toEqual([
    { window: { start: day, end: hours(23) }, pane: onlyPane, visits: [0, 1], timestamp: hours(23) - 1 },
    { window: { start: hours(23), end: hours(47) }, pane: onlyPane, visits: [2], timestamp: hours(47) - 1 },
  ])
})
