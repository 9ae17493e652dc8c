import type { Aggregate, ChangeKind, Pane, TriggerContext, TriggerOptions, Windower } from '@lightflus/api'
import fc from 'fast-check'
import { maxWatermark, minWatermark, type RecordBatch } from '../../record.ts'
import { lateByTheClock } from '../../testing/late-by-the-clock.ts'
import { windowsByDefinition, type NaiveWindow, type WindowEvent } from '../../testing/naive-windows.ts'
import { makeOperator, type TestedOperator } from '../../testing/operator-table.ts'
import { VirtualHost } from '../../testing/virtual-host.ts'
import { createGeneralWindow } from './general-window.ts'

// Goal: whatever the windows, the trigger, the relation of panes and the order of records, what comes out adds up to
// what the windows hold by definition, and every record is in a window or told to be late.

type Panes = 'accumulating' | 'discarding' | 'retracting'

interface Row {
  readonly key: string
  readonly window: { readonly start: number; readonly end: number }
  readonly pane: Pane
  readonly values: readonly number[]
}

interface Emitted {
  readonly row: Row
  readonly change: ChangeKind
  readonly timestamp: number
  /** When it came out. */
  readonly watermark: number
}

/** All values, so that a record that is counted twice, or nowhere, shows. */
const values: Aggregate<number, number[], readonly number[]> = {
  create: () => [],
  add: (all, value) => [...all, value],
  merge: (a, b) => [...a, ...b],
  result: (all) => all,
}

interface Seen {
  seen: number
}

const custom = {
  state: () => ({ seen: 0 }),
  onRecord(value: number, { state, timestamp, timers }: TriggerContext<Seen>) {
    state.seen++
    timers.setEventTime(timestamp! + 7)
    timers.setProcessingTime(state.seen * 10)
    return value % 4 === 0 ? 'fire' : undefined
  },
  onEventTime: () => 'fire',
  onProcessingTime: (_time: number, { state }: TriggerContext<Seen>) => (state.seen > 2 ? 'fire' : undefined),
  merge: (a: Seen, b: Seen) => ({ seen: a.seen + b.seen }),
}

/** Says no to some values, when it has changed what it was given. */
const isBad = (value: number) => value % 5 === 3
const pickyValues: typeof values = {
  ...values,
  add(all, value) {
    if (isBad(value)) throw new Error('bad')
    return [...all, value]
  },
}
const pickyCustom: typeof custom = {
  ...custom,
  onRecord(value, context) {
    const action = custom.onRecord(value, context)
    if (isBad(value)) throw new Error('bad')
    return action
  },
}

const windower: fc.Arbitrary<Windower<number>> = fc.oneof(
  fc.record({
    kind: fc.constant('tumbling' as const),
    sizeMs: fc.integer({ min: 1, max: 30 }),
    offsetMs: fc.nat(5),
    time: fc.constant('event' as const),
  }),
  fc.record({
    kind: fc.constant('sliding' as const),
    sizeMs: fc.integer({ min: 1, max: 30 }),
    slideMs: fc.integer({ min: 3, max: 20 }),
    offsetMs: fc.nat(2),
    time: fc.constant('event' as const),
  }),
  fc.record({
    kind: fc.constant('session' as const),
    gapMs: fc.integer({ min: 1, max: 15 }),
    time: fc.constant('event' as const),
  }),
  fc.constant({
    kind: 'session' as const,
    gapMs: null,
    gap: (value: number) => 1 + (value % 10),
    time: 'event' as const,
  }),
  fc.constant({ kind: 'global' as const }),
)

const simple: fc.Arbitrary<TriggerOptions> = fc.oneof(
  fc.record({ kind: fc.constant('count' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('every' as const), everyMs: fc.integer({ min: 1, max: 30 }) }),
)
const { trigger } = fc.letrec<{ trigger: TriggerOptions }>((tie) => ({
  trigger: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    simple,
    fc.record({
      kind: fc.constant('eventTime' as const),
      early: fc.option(simple, { nil: null }),
      late: fc.option(simple, { nil: null }),
    }),
    fc.constant<TriggerOptions>({ kind: 'processingTime' }),
    fc.constant<TriggerOptions>({ kind: 'custom', id: 'custom-1' }),
    fc.record({
      kind: fc.constantFrom('any' as const, 'all' as const, 'sequence' as const),
      triggers: fc.array(tie('trigger'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}))

const events = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('record'),
          key: fc.constantFrom('a', 'b'),
          step: fc.nat(12),
          back: fc.nat(30),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('watermark'), step: fc.nat(25) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('clock'), step: fc.integer({ min: 1, max: 20 }) }) },
    ),
    { maxLength: 40 },
  )
  .map((steps): WindowEvent[] => {
    let newest = 0
    let watermark = 0
    let clock = 0
    return steps.map((step, value): WindowEvent => {
      if (step.kind === 'clock') return { kind: 'clock', to: (clock += step.step) }
      if (step.kind === 'watermark') return { kind: 'watermark', to: (watermark += step.step) }
      const { key, back } = step as { key: string; back: number }
      newest += step.step
      return { kind: 'record', key, value, timestamp: newest - back }
    })
  })

interface Case {
  readonly windower: Windower<number>
  readonly trigger: TriggerOptions | null
  readonly panes: Panes
  readonly allowedLatenessMs: number
  readonly events: readonly WindowEvent[]
}

const cases: fc.Arbitrary<Case> = fc.record({
  windower,
  trigger: fc.option(trigger, { nil: null }),
  panes: fc.constantFrom<Panes>('accumulating', 'discarding', 'retracting'),
  allowedLatenessMs: fc.oneof(fc.constant(0), fc.nat(40)),
  events,
})

function tested(
  { windower: given, trigger: options, panes, allowedLatenessMs }: Case,
  bounded: boolean,
  picky: string,
): TestedOperator<'window'> {
  const { gap, ...shown } = given as { gap?: (value: number) => number }
  return {
    kind: 'window',
    create: createGeneralWindow,
    bounded,
    onError: picky === 'nothing' ? 'fail' : 'skip',
    options: {
      windower: shown,
      trigger: options,
      panes,
      allowedLatenessMs,
      lateOutput: 'late',
      keyed: true,
      aggregates: ['values'],
    },
    functions: {
      aggregates: { values: picky === 'fold' ? pickyValues : values },
      triggers: { 'custom-1': picky === 'trigger' ? pickyCustom : custom },
      ...(gap && { gap }),
    },
  }
}

async function run(given: Case, { bounded = false, restoring = false, picky = 'nothing' }) {
  const emitted: Emitted[] = []
  const late: number[] = []
  let watermark = minWatermark
  const host = new VirtualHost()
  const operatorOf = tested(given, bounded, picky)
  let current = makeOperator(operatorOf, host)
  const output = {
    emit(batch: RecordBatch) {
      batch.values.forEach((row, i) =>
        emitted.push({
          row: row as Row,
          change: batch.changes?.[i] ?? 'insert',
          timestamp: batch.timestamps[i],
          watermark,
        }),
      )
    },
    emitSide: (name: string, batch: RecordBatch) => {
      expect(name).toBe('late')
      late.push(...(batch.values as number[]))
    },
  }
  const callBack = async (now: number) => {
    host.advanceTo(now)
    while (current.operator.processingTimeDue!() <= now) await current.operator.onProcessingTime!(now, output)
  }
  for (const event of [...given.events, { kind: 'watermark' as const, to: maxWatermark }]) {
    if (restoring) {
      const { subtask, keyGroups } = structuredClone(current.operator.snapshot()!)
      const next = makeOperator(operatorOf, host)
      next.operator.restore({ subtasks: [subtask], keyGroups })
      Object.assign(next.metrics, current.metrics)
      current = next
    }
    // As a subtask does between two calls.
    await callBack(host.clock.now())
    if (event.kind === 'clock') await callBack(event.to)
    else if (event.kind === 'watermark') {
      watermark = Math.max(watermark, event.to)
      await current.operator.onWatermark(watermark, output)
    } else {
      const { key, value, timestamp } = event
      await current.operator.processBatch({ values: [value], timestamps: [timestamp], keys: [key] }, output, 0)
    }
  }
  expect(current.operator.snapshot()!.keyGroups.size).toBe(0)
  expect(current.metrics.recordsLate).toBe(late.length)
  return { emitted, late }
}

const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort()
const boundsOf = ({ kind }: Windower<number>, { key, start, end }: NaiveWindow) =>
  kind === 'global' ? { key } : { key, window: { start, end } }
const identity = ({ key, window }: Row) => JSON.stringify(window ? { key, window } : { key })
const ordered = (all: readonly number[]) => [...all].sort((a, b) => a - b)

/** What a reader of the results makes of them: the last pane of each window, all panes joined, or the changelog folded. */
function combined(emitted: readonly Emitted[], panes: Panes): Map<string, readonly number[]> {
  const rows = new Map<string, readonly number[]>()
  for (const { row, change } of emitted) {
    const id = identity(row)
    if (panes === 'discarding') rows.set(id, [...(rows.get(id) ?? []), ...row.values])
    else if (change === 'insert' || change === 'updateAfter') {
      if (panes === 'retracting') expect(rows.has(id)).toBe(false)
      rows.set(id, row.values)
    } else {
      expect(rows.get(id)).toEqual(row.values)
      rows.delete(id)
    }
  }
  return rows
}

const isInside = (row: Row, window: NaiveWindow) =>
  row.key === window.key && row.window.start >= window.start && row.window.end <= window.end

test('panes of any trigger add up to what the windows hold by definition', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      const { emitted, late } = await run(given, {})
      const definition = windowsByDefinition(given.events, given.windower, given.allowedLatenessMs)
      expect(late).toEqual(definition.late)
      const rows = combined(emitted, given.panes)
      const isSession = given.windower.kind === 'session'
      if (isSession && given.panes !== 'retracting') {
        // Without retractions, what came out of a session before it became part of another stays.
        for (const { row } of emitted) expect(definition.windows.some((window) => isInside(row, window))).toBe(true)
      } else expect(rows.size).toBe(definition.windows.length)
      if (isSession && given.panes === 'discarding') {
        const all = definition.windows.flatMap((window) => window.values)
        expect(ordered([...rows.values()].flat())).toEqual(ordered(all))
        return
      }
      for (const window of definition.windows) {
        const held = rows.get(JSON.stringify(boundsOf(given.windower, window)))
        expect(held && ordered(held)).toEqual(ordered(window.values))
      }
    }),
    { numRuns: 3_000 },
  )
})

test('windows of processing time are those of event time, with the clock in place of time and watermark', async () => {
  const ofClock = cases
    .filter(({ windower: { kind } }) => kind !== 'global')
    .map((given) => ({
      ...given,
      windower: { ...given.windower, time: 'processing' } as Windower<number>,
      allowedLatenessMs: 0,
    }))
  await fc.assert(
    fc.asyncProperty(ofClock, async (given) => {
      const { emitted, late } = await run(given, {})
      let clock = 0
      const asEventTime = given.events.map((event): WindowEvent => {
        if (event.kind === 'clock') clock = event.to
        if (event.kind === 'record') return { ...event, timestamp: clock }
        return { kind: 'watermark', to: clock }
      })
      const definition = windowsByDefinition(asEventTime, given.windower, 0)
      expect([late, definition.late]).toEqual([[], []])
      const rows = combined(emitted, given.panes)
      if (given.windower.kind !== 'session' || given.panes !== 'discarding')
        for (const window of definition.windows)
          expect(ordered(rows.get(JSON.stringify(boundsOf(given.windower, window)))!)).toEqual(ordered(window.values))
      const all = definition.windows.flatMap((window) => window.values)
      if (given.windower.kind !== 'session' || given.panes !== 'accumulating')
        expect(ordered([...rows.values()].flat())).toEqual(ordered(all))
    }),
    { numRuns: 1_000 },
  )
})

test('panes tell when they came, and in which order', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      const { emitted } = await run(given, {})
      const results = emitted.filter(({ change }) => change === 'insert' || change === 'updateAfter')
      for (const { row, timestamp, watermark } of results) {
        const { window, pane } = row
        const end = window ? window.end : maxWatermark
        if (watermark < end) expect(pane.timing).toBe('early')
        // The program's triggers are called back for times before the end also when the watermark is past it by then.
        else if (!JSON.stringify(given.trigger).includes('custom')) expect(pane.timing).not.toBe('early')
        expect(pane.isFirst).toBe(pane.index === 0)
        if (window) expect(timestamp).toBe(end - 1)
      }
      if (given.windower.kind === 'session') return
      for (const panes of Map.groupBy(results, ({ row }) => identity(row)).values()) {
        const shown = panes.map(({ row }) => row.pane)
        expect(shown.map(({ index }) => index)).toEqual(shown.map((_, i) => i))
        expect(shown.slice(0, -1).some(({ isLast }) => isLast)).toBe(false)
        expect(shown.map(({ timing }) => timing).join(' ')).toMatch(/^(early ?)*(onTime ?)?(late ?)*$/)
      }
    }),
    { numRuns: 1_000 },
  )
})

test('restored before every event, the same comes out in the same order', async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.boolean(), async (given, bounded) => {
      expect(await run(given, { bounded, restoring: true })).toEqual(await run(given, { bounded }))
    }),
    { numRuns: 1_000, examples: [[lateByTheClock, false]] },
  )
})

test('records that are skipped leave no trace', async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.constantFrom('fold', 'trigger'), async (given, picky) => {
      const skipping = await run(given, { picky })
      const events = given.events.filter((event) => event.kind !== 'record' || !isBad(event.value))
      const without = await run({ ...given, events }, {})
      if (picky === 'trigger' && !JSON.stringify(given.trigger).includes('custom')) return
      expect(skipping.emitted).toEqual(without.emitted)
      expect(skipping.late.filter((value) => !isBad(value))).toEqual(without.late)
    }),
    { numRuns: 1_000 },
  )
})

test('in a bounded job each window comes once, final, whatever the trigger', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      const { emitted, late } = await run(given, { bounded: true })
      const definition = windowsByDefinition(given.events, given.windower, given.allowedLatenessMs)
      expect(late).toEqual(definition.late)
      const pane = { timing: 'onTime', index: 0, isFirst: true, isLast: true }
      expect(emitted.every(({ change }) => change === 'insert')).toBe(true)
      expect(sorted(emitted.map(({ row }) => ({ ...row, values: ordered(row.values) })))).toEqual(
        sorted(
          definition.windows.map((window) => ({
            ...boundsOf(given.windower, window),
            pane,
            values: ordered(window.values),
          })),
        ),
      )
    }),
    { numRuns: 1_000 },
  )
})
