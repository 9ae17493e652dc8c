import { expectTypeOf } from 'expect-type'
import {
  calendar,
  collect,
  count,
  countWindow,
  early,
  generator,
  globalWindow,
  isLightflusError,
  job,
  late,
  session,
  sideOutput,
  sliding,
  table,
  trigger,
  tumbling,
  type ChangelogStream,
  type Flow,
  type Pane,
  type Stream,
  type TimeWindow,
  type Windower,
  type WindowOptions,
} from '../index.ts'

// Goal: the graph shows windows and triggers whole, functions travel beside it, and options that can do nothing are
// refused.

interface Visit {
  readonly user: string
  readonly gapMs: number
}
const visits = (flow: Flow) =>
  flow.source(generator.source({ generate: (index): Visit => ({ user: `user-${index}`, gapMs: 1 }), count: 3 }))

function built(windower: Windower<Visit>, options?: WindowOptions<Visit>) {
  const { graph, operators } = job('visits', (flow) => {
    const keyed = visits(flow).keyBy(({ user }) => user)
    // Retracting windows make another kind of stream, which the table takes as well.
    keyed
      .window(windower, options)
      .aggregate({ n: count() })
      .sinkTo(table.sink({ key: ({ key }) => key }))
  }).build()
  const { options: shown } = graph.operators.find(({ kind }) => kind === 'window')!
  const functions = operators.get('window-1')!.functions as Readonly<Record<string, unknown>>
  return { windower: shown['windower'], trigger: shown['trigger'], functions }
}

function refused(windower: Windower<Visit>, options: WindowOptions<Visit>): string {
  try {
    built(windower, options)
  } catch (error) {
    if (isLightflusError(error)) return `${error.code} ${error.message}`
    throw error
  }
  return 'nothing'
}

test.each<[Windower<Visit>, object]>([
  [tumbling('1m', { offset: '90s' }), { kind: 'tumbling', sizeMs: 60_000, offsetMs: 30_000, time: 'event' }],
  [
    sliding('1h', { every: '5m', offset: '6m', time: 'processing' }),
    { kind: 'sliding', sizeMs: 3_600_000, slideMs: 300_000, offsetMs: 60_000, time: 'processing' },
  ],
  [session('30m'), { kind: 'session', gapMs: 1_800_000, time: 'event' }],
  [
    calendar('week', { timeZone: 'Europe/Berlin' }),
    { kind: 'calendar', unit: 'week', timeZone: 'Europe/Berlin', offsetMs: 0 },
  ],
  [globalWindow(), { kind: 'global' }],
  [countWindow(100), { kind: 'count', size: 100, slide: 100 }],
  [countWindow(100, { every: 10 }), { kind: 'count', size: 100, slide: 10 }],
])('%j is in the graph', (windower, shown) => {
  expect(built(windower).windower).toEqual(shown)
})

test('the function of a gap stands beside the graph', () => {
  const gapOf = ({ gapMs }: Visit) => gapMs
  const { windower, functions } = built(session(gapOf))
  expect(windower).toEqual({ kind: 'session', gapMs: null, time: 'event' })
  expect(functions['gap']).toBe(gapOf)
})

test.each<[WindowOptions<Visit>['trigger'], object | null]>([
  [undefined, null],
  [early.every('5s'), { kind: 'eventTime', early: { kind: 'every', everyMs: 5_000 }, late: null }],
  [
    [early.every('5s'), early.count(10), late.every('1m')],
    {
      kind: 'eventTime',
      early: {
        kind: 'any',
        triggers: [
          { kind: 'every', everyMs: 5_000 },
          { kind: 'count', count: 10 },
        ],
      },
      late: { kind: 'every', everyMs: 60_000 },
    },
  ],
  [late.each(), { kind: 'eventTime', early: null, late: { kind: 'count', count: 1 } }],
  [
    trigger.sequence(
      trigger.any(trigger.count(1), trigger.processingTime()),
      trigger.purging(trigger.all(trigger.every(9), trigger.eventTime())),
    ),
    {
      kind: 'sequence',
      triggers: [
        { kind: 'any', triggers: [{ kind: 'count', count: 1 }, { kind: 'processingTime' }] },
        {
          kind: 'purging',
          trigger: {
            kind: 'all',
            triggers: [
              { kind: 'every', everyMs: 9 },
              { kind: 'eventTime', early: null, late: null },
            ],
          },
        },
      ],
    },
  ],
])('trigger %# is in the graph', (given, shown) => {
  expect(built(tumbling('1m'), { trigger: given }).trigger).toEqual(shown)
})

test("functions of the program's own triggers stand beside the graph, by their names in it", () => {
  const first = { onRecord: () => 'fire' as const }
  const second = { state: () => 0, onRecord: () => undefined, merge: (a: number, b: number) => a + b }
  const own = trigger.any(trigger.custom(first), trigger.custom(second))
  const { trigger: shown, functions } = built(session('1m'), { trigger: trigger.purging(trigger.custom(second)) })
  expect(shown).toEqual({ kind: 'purging', trigger: { kind: 'custom', id: 'custom-1' } })
  expect(functions['triggers']).toEqual({ 'custom-1': second })
  expect(built(tumbling('1m'), { trigger: own }).functions['triggers']).toEqual({
    'custom-1': first,
    'custom-2': second,
  })
})

const side = sideOutput<Visit>('late')
test.each<[Windower<Visit>, WindowOptions<Visit>, string]>([
  [
    countWindow(3),
    { trigger: trigger.count(1), allowedLateness: 1, panes: 'discarding' },
    'allowedLateness and trigger and panes can do nothing',
  ],
  [globalWindow(), { lateOutput: side }, 'lateOutput can do nothing'],
  [tumbling(1, { time: 'processing' }), { allowedLateness: '1s' }, 'no record is late'],
  [tumbling(1, { time: 'processing' }), { trigger: trigger.any(trigger.eventTime()) }, 'use trigger.processingTime'],
  [globalWindow(), { trigger: trigger.processingTime() }, 'a global window has none'],
  [tumbling(1), { trigger: trigger.purging(trigger.count(1)), panes: 'retracting' }, 'use one of them'],
  [session(1), { trigger: trigger.custom({ onRecord: () => 'fire' }) }, 'needs merge'],
  // What follows is for those who write JavaScript.
  [tumbling(1), { trigger: [trigger.count(1)] as never }, "option 'trigger' must be a trigger such as"],
  [tumbling(1), { trigger: { kind: 'sometimes' } as never }, "option 'trigger' must be a trigger such as"],
  [tumbling(1), { trigger: 'early' as never }, "option 'trigger' must be a trigger such as"],
])('window %# with options that cannot be meant is refused', (windower, options, why) => {
  expect(refused(windower, options)).toContain('LF_PROGRAM_OPTION window: ')
  expect(refused(windower, options)).toContain(why)
})

test.each([
  [() => early.every(0), 'early.every'],
  [() => sliding('365d', { every: '1ms' }), 'lies in 31536000000 windows'],
  [() => late.every('0s'), 'late.every'],
  [() => trigger.count(0.5), 'trigger.count'],
  [() => trigger.any(), 'trigger.any'],
  [() => trigger.purging(early.count(1) as never), 'trigger.purging'],
  [() => trigger.custom({} as never), 'trigger.custom'],
  [() => countWindow(3, { every: 4 }), 'countWindow'],
  [() => session(0), 'session'],
])('what makes no trigger and no window is refused where it is made', (make, owner) => {
  expect(make).toThrow(expect.objectContaining({ code: 'LF_PROGRAM_OPTION', message: expect.stringContaining(owner) }))
})

test('types of results follow from the key, the windows and the panes', () => {
  job('types', (flow) => {
    const keyed = visits(flow).keyBy(({ user }) => user)
    const rows = keyed.window(tumbling('1m')).aggregate({ n: count() })
    rows.sinkTo(table.sink())
    rows.map((row) => {
      expectTypeOf(row).toEqualTypeOf<
        { readonly key: string } & { readonly window: TimeWindow } & { readonly pane: Pane } & { readonly n: number }
      >()
      return row
    })
    keyed.window(countWindow(3)).process((window) => {
      expectTypeOf(window.key).toEqualTypeOf<string>()
      expectTypeOf(window.records).toEqualTypeOf<readonly Visit[]>()
      // @ts-expect-error windows of so many records have no bounds in time
      void window.window
      return []
    })
    visits(flow)
      .window(session('1m'), {
        trigger: trigger.custom({
          onRecord: (visit: Visit) => (visit.gapMs > 1 ? 'fire' : 'continue'),
          merge: (a) => a,
        }),
      })
      .aggregate({ all: collect<Visit>() })
      .map((row) => {
        // @ts-expect-error nothing was keyed
        void row.key
        return row.all
      })
    const changes = keyed.window(tumbling('1m'), { panes: 'retracting' }).aggregate({ n: count() })
    expectTypeOf(changes).toExtend<ChangelogStream<{ readonly key: string; readonly n: number }>>()
    expectTypeOf(rows).toExtend<Stream<{ readonly key: string; readonly n: number }>>()
    const ofOrders = trigger.custom({
      onRecord: (order: { amount: number }) => (order.amount > 1 ? 'fire' : 'continue'),
    })
    // @ts-expect-error a trigger of other records
    keyed.window(tumbling('1m'), { trigger: ofOrders })
    // @ts-expect-error early and late ones alone stand in an array
    keyed.window(tumbling('1m'), { trigger: [trigger.count(1)] })
  })
})
