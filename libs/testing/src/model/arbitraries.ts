import type { Key } from '@lightflus/api'
import fc from 'fast-check'
import {
  aggregatingOps,
  emitsOnce,
  isOfClock,
  joinOps,
  sidesOf,
  type ModelTrigger,
  type ModelWindow,
  type Program,
  type ScriptEvent,
  type Side,
  type Step,
  type Terminal,
} from './program.ts'

/** A program, what happens to it, and how it is run. */
export interface ModelCase {
  readonly program: Program
  readonly script: readonly ScriptEvent[]
  readonly parallelism: number
}

const parallelism = fc.integer({ min: 1, max: 4 })
const small = (min: number, max: number) => fc.integer({ min, max })

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: fc.constant('map' as const), times: small(-2, 3), plus: small(-3, 3) }),
  fc.record({ op: fc.constant('filter' as const), multiplesOf: small(2, 5) }),
  fc.constant<Step>({ op: 'flatMap' }),
  fc.record({ op: fc.constant('mapAsync' as const), plus: small(-3, 3) }),
  fc.record({
    op: fc.constant('split' as const),
    multiplesOf: small(2, 4),
    take: fc.constantFrom('main' as const, 'side' as const),
  }),
)
const steps = fc.array(step, { maxLength: 3, size: 'small' })

const eventWindow: fc.Arbitrary<ModelWindow> = fc.oneof(
  fc.record({
    kind: fc.constant('tumbling' as const),
    size: small(1, 20),
    offset: small(0, 7),
    time: fc.constant('event' as const),
  }),
  fc.record({ kind: fc.constant('sliding' as const), size: small(1, 20), every: small(1, 25), offset: small(0, 7) }),
  fc.record({ kind: fc.constant('session' as const), gap: small(1, 12) }),
  fc.record({ kind: fc.constant('sessionByValue' as const), modulo: small(2, 9) }),
  fc.record({
    kind: fc.constant('calendar' as const),
    unit: fc.constantFrom('hour' as const, 'day' as const),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe'),
  }),
)
const windowOfClock: fc.Arbitrary<ModelWindow> = fc.record({
  kind: fc.constant('tumbling' as const),
  size: small(1, 20),
  offset: small(0, 7),
  time: fc.constant('processing' as const),
})

const simpleTrigger: fc.Arbitrary<ModelTrigger> = fc.oneof(
  fc.record({ kind: fc.constant('count' as const), records: small(1, 4) }),
  fc.record({ kind: fc.constant('every' as const), ms: small(1, 30) }),
  fc.record({ kind: fc.constant('custom' as const), multiplesOf: small(2, 4) }),
  fc.constant<ModelTrigger>({ kind: 'eventTime' }),
)
const phase = fc.option(fc.oneof(fc.record({ records: small(1, 3) }), fc.record({ ms: small(1, 30) })), { nil: null })
const trigger: fc.Arbitrary<ModelTrigger> = fc.oneof(
  fc.record({ kind: fc.constant('phases' as const), early: phase, late: phase }),
  simpleTrigger,
  fc.record({
    kind: fc.constantFrom('any' as const, 'all' as const, 'sequence' as const),
    of: fc.array(simpleTrigger, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('purging' as const), of: simpleTrigger }),
)

const panes = fc.constantFrom('accumulating' as const, 'discarding' as const, 'retracting' as const)
const windowTerminal: fc.Arbitrary<Terminal> = fc
  .record({
    op: fc.constant('window' as const),
    window: fc.oneof(
      { weight: 8, arbitrary: eventWindow },
      { weight: 1, arbitrary: windowOfClock },
      { weight: 1, arbitrary: fc.constant<ModelWindow>({ kind: 'global' }) },
    ),
    lateness: fc.oneof(fc.constant(0), small(1, 20)),
    trigger: fc.option(trigger, { nil: null }),
    panes,
    keyed: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  })
  .map(allowed)

/** As most windows are. */
const plainWindow: fc.Arbitrary<Terminal> = eventWindow.map((window) => ({
  op: 'window',
  window,
  lateness: 0,
  trigger: null,
  panes: 'accumulating',
  keyed: true,
}))

/** Without what the API refuses, since it could do nothing. */
function allowed(terminal: Terminal & { readonly op: 'window' }): Terminal {
  const { window, trigger: given, panes: relation } = terminal
  const isPurgingRetracted = given?.kind === 'purging' && relation === 'retracting'
  return {
    ...terminal,
    lateness: isOfClock(window) || window.kind === 'global' ? 0 : terminal.lateness,
    trigger: isOfClock(window) || isPurgingRetracted ? null : given,
  }
}

const joinKind = fc.constantFrom('inner' as const, 'left' as const, 'right' as const, 'full' as const)
const terminal: fc.Arbitrary<Terminal> = fc.oneof(
  { weight: 12, arbitrary: windowTerminal },
  { weight: 3, arbitrary: plainWindow },
  {
    weight: 1,
    arbitrary: fc
      .tuple(small(1, 5), small(1, 5))
      .map(([size, every]): Terminal => ({ op: 'countWindow', size: Math.max(size, every), every })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('process' as const),
      timer: fc.constantFrom('eventTime' as const, 'processingTime' as const),
      after: small(1, 20),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constantFrom('aggregate' as const, 'reduce' as const),
      emit: fc.constantFrom('updates' as const, 'changelog' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('deduplicate' as const),
      keep: fc.constantFrom('first' as const, 'last' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('distinctUntilChanged' as const),
      by: fc.constantFrom('value' as const, 'record' as const),
      modulo: small(1, 4),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('topN' as const),
      n: small(1, 4),
      order: fc.constantFrom('ascending' as const, 'descending' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('windowJoin' as const), window: eventWindow, kind: joinKind }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(small(-12, 12), small(0, 12), joinKind)
      .map(([from, width, kind]): Terminal => ({ op: 'intervalJoin', from, to: from + width, kind })),
  },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constantFrom('join' as const, 'tableJoin' as const), kind: joinKind }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('connect' as const), isBroadcast: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('temporalJoin' as const),
      kind: fc.constantFrom('inner' as const, 'left' as const),
    }),
  },
)

/** Half an hour a tick, from the evening before the clocks of Europe go forward; else a tick is a millisecond. */
const inCalendar = { epoch: Date.UTC(2026, 2, 28, 20), tickMs: 1_800_000 }
const usesCalendar = (given: Terminal): boolean =>
  (given.op === 'window' || given.op === 'windowJoin') && given.window.kind === 'calendar'

const program: fc.Arbitrary<Program> = fc
  .record({
    epoch: fc.constantFrom(0, -40, 1_790_000_000_000),
    steps: fc.record({ left: steps, right: steps }),
    union: fc.boolean(),
    terminal,
    rollUp: fc.boolean(),
    throwsOn: fc.option(small(2, 5), { nil: null, freq: 2 }),
    again: fc.option(eventWindow, { nil: null, freq: 2 }),
    folds: fc.constantFrom('numbers' as const, 'objects' as const, 'records' as const),
  })
  .map((given): Program => ({
    ...given,
    tickMs: 1,
    ...(usesCalendar(given.terminal) && inCalendar),
    throwsOn: aggregatingOps.has(given.terminal.op) ? given.throwsOn : null,
    again: emitsOnce(given.terminal) ? given.again : null,
    folds: given.terminal.op === 'window' ? given.folds : 'records',
    union: given.union && !joinOps.has(given.terminal.op),
  }))

const side = fc.constantFrom<Side>('left', 'right')
const sides = fc.constantFrom<readonly Side[]>(['left', 'right'], ['left'], ['right'])
/** Few, so that they meet; of every type, and text that looks like another; some of many, for all key groups. */
const key: fc.Arbitrary<Key> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b') },
  { weight: 2, arbitrary: fc.constantFrom(1, '1', true, 'true', '') },
  { weight: 1, arbitrary: small(2, 400) },
)
const item = fc.record({
  step: small(0, 9),
  back: fc.oneof({ weight: 3, arbitrary: small(0, 5) }, { weight: 1, arbitrary: small(0, 30) }),
  key,
  value: small(-4, 9),
})
const happening = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      side,
      items: fc.array(item, { minLength: 1, maxLength: 4 }),
      isHasty: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('watermark' as const), sides, step: small(0, 35) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'end' as const, side: 'right' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('advance' as const), by: small(1, 25) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), lost: small(0, 4), parallelism }) },
)

export const modelCase: fc.Arbitrary<ModelCase> = fc
  .record({
    program,
    happenings: fc.array(happening, { maxLength: 32, size: 'max' }),
    slower: fc.constantFrom(1, 5),
    parallelism,
  })
  .map(({ program: of, happenings, slower, parallelism: begin }) => {
    const script = scriptOf(sidesOf(of), happenings, slower)
    return { program: of, script: isInTime(of.terminal) ? inTime(script) : script, parallelism: begin }
  })

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

/**
 * With ids and absolute times, and without what concerns a source that the program does not read or that has ended.
 * @param slower by how much less time goes on than the happenings say.
 */
function scriptOf(sides: readonly Side[], happenings: readonly Happening[], slower: number): ScriptEvent[] {
  const newest: Record<Side, number> = { left: 0, right: 0 }
  const watermarks: Record<Side, number> = { left: 0, right: 0 }
  const open = new Set(sides)
  const ticks = (step: number) => Math.floor(step / slower)
  let id = 0
  return happenings.flatMap((happens): ScriptEvent[] => {
    switch (happens.do) {
      case 'push': {
        const { side: of } = happens
        if (!open.has(of)) return []
        const items = happens.items.map(({ step: forward, back, ...rest }) => {
          newest[of] += ticks(forward)
          return { id: id++, at: newest[of] - ticks(back), ...rest }
        })
        return [{ ...happens, items }]
      }
      case 'watermark':
        return happens.sides
          .filter((of) => open.has(of))
          .map((of) => ({ do: 'watermark', side: of, to: (watermarks[of] += ticks(happens.step)) }))
      case 'end':
        return open.delete(happens.side) ? [happens] : []
      default:
        return [happens]
    }
  })
}

/**
 * Joins tell lateness each in its own way; and when a timer is called that is set for a time that has passed, depends on
 * watermarks that a restart repeats.
 */
const isInTime = ({ op }: Terminal): boolean => joinOps.has(op) || op === 'process'

/** With watermarks that claim nothing that what follows belies. */
function inTime(script: readonly ScriptEvent[]): ScriptEvent[] {
  return script.map((event, index): ScriptEvent => {
    if (event.do !== 'watermark') return event
    const following = script
      .slice(index)
      .flatMap((later) => (later.do === 'push' && later.side === event.side ? later.items.map(({ at }) => at) : []))
    return { ...event, to: Math.min(event.to, ...following) }
  })
}
