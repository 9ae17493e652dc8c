import {
  calendar,
  collect,
  count,
  countWindow,
  early,
  globalWindow,
  job,
  late,
  max,
  min,
  session,
  sideOutput,
  sliding,
  state,
  sum,
  trigger,
  tumbling,
  type Aggregate,
  type ChangelogStream,
  type EarlyTrigger,
  type Flow,
  type JobDefinition,
  type Key,
  type KeyedStream,
  type LateTrigger,
  type SinkDeclaration,
  type SourceDeclaration,
  type Stream,
  type TimeWindower,
  type Trigger,
  type TriggerChoice,
  type Windower,
} from '@lightflus/api'
import { canonicalRow } from './final-rows.ts'
import {
  isChangelog,
  isMultiple,
  isOfClock,
  isSkipped,
  modulo,
  sidesOf,
  type Item,
  type ModelTrigger,
  type ModelWindow,
  type Program,
  type Side,
  type Step,
} from './program.ts'

export const sinkName = 'result'
export const terminalName = 'terminal'
export const lateOutput = sideOutput<Item>('late')
const multiples = sideOutput<Item>('multiples')

const source: SourceDeclaration<Item> = { connector: 'model', bounded: false, options: {}, functions: {} }
const sink: SinkDeclaration<unknown, 'changes'> = { accepts: 'changes', connector: 'model', options: {}, functions: {} }

type ModelAggregates = Readonly<Record<'n' | 'total' | 'least' | 'most', Aggregate<Item>>>

/** All that windows and groups are asked for; the second of them throws where the program says so. */
function aggregatesOf(program: Program): ModelAggregates {
  const valueOf = (item: Item): number => {
    if (isSkipped(program, item)) throw new Error('unwanted')
    return item.value
  }
  const total = program.folds === 'objects' ? ownSum(valueOf) : sum(valueOf)
  const numbers = { n: count(), total, least: min(({ value }: Item) => value), most: max(({ value }: Item) => value) }
  return program.folds === 'records' ? Object.assign(numbers, { items: collect<Item>() }) : numbers
}

const ownSum = (of: (item: Item) => number): Aggregate<Item, { sum: number }, number> => ({
  create: () => ({ sum: 0 }),
  add: (held, item) => {
    held.sum += of(item)
    return held
  },
  merge: (a, b) => ({ sum: a.sum + b.sum }),
  result: ({ sum: all }) => all,
})

/** The program in the public API. */
export function buildProgram(program: Program): JobDefinition {
  return job('model', (flow) => {
    const sides = Object.fromEntries(sidesOf(program).map((side) => [side, prepared(flow, side, program.steps[side])]))
    const left = program.union ? sides['left'].union(sides['right']) : sides['left']
    const result = terminalOf(program, left, sides['right'])
    if (isChangelog(program)) rolledUp(program, result as ChangelogStream<unknown>)
    else (result as Stream<unknown>).sinkTo(sink, { name: sinkName })
  })
}

function prepared(flow: Flow, side: Side, steps: readonly Step[]): Stream<Item> {
  return steps.reduce((stream, step) => withStep(stream, step), flow.source(source, { name: side }))
}

function withStep(stream: Stream<Item>, step: Step): Stream<Item> {
  switch (step.op) {
    case 'map':
      return stream.map((item) => ({ ...item, value: item.value * step.times + step.plus }))
    case 'filter':
      return stream.filter(({ value }) => !isMultiple(value, step.multiplesOf))
    case 'flatMap':
      return stream.flatMap(function* (item) {
        for (let copy = 0; copy < modulo(item.value, 3); copy++) yield { ...item, id: item.id * 4 + copy }
      })
    case 'mapAsync':
      return stream.mapAsync((item) => Promise.resolve({ ...item, value: item.value + step.plus }))
    case 'split': {
      const split = stream.process({
        onRecord(item, { output }) {
          if (!isMultiple(item.value, step.multiplesOf)) return [item]
          output(multiples, item)
          return []
        },
      })
      return step.take === 'side' ? split.sideOutput(multiples) : split
    }
  }
}

const name = terminalName
const byKey = (stream: Stream<Item>): KeyedStream<Item, Key> => stream.keyBy(({ key }) => key)
const ids = (left: Item | null, right: Item | null) => ({ left: left?.id ?? null, right: right?.id ?? null })

function terminalOf(
  program: Program,
  left: Stream<Item>,
  right: Stream<Item>,
): Stream<unknown> | ChangelogStream<unknown> {
  const { terminal, tickMs } = program
  const aggregates = aggregatesOf(program)
  const onError = program.throwsOn === null ? ('fail' as const) : ('skip' as const)
  switch (terminal.op) {
    case 'window': {
      const { keyed, lateness, panes } = terminal
      const options = {
        name,
        onError,
        allowedLateness: lateness * tickMs,
        ...(keepsLate(program) && { lateOutput }),
        ...(terminal.trigger && { trigger: choiceOf(terminal.trigger) }),
      }
      const windower = windowerOf(program, terminal.window)
      if (program.again !== null && panes !== 'retracting') {
        const results = byKey(left)
          .window(windower, { ...options, panes })
          .aggregate(aggregates)
        return inWindowsAgain(program, program.again, results)
      }
      if (keyed) {
        const stream = byKey(left)
        if (panes === 'retracting') return stream.window(windower, { ...options, panes }).aggregate(aggregates)
        return stream.window(windower, { ...options, panes }).aggregate(aggregates)
      }
      if (panes === 'retracting') return left.window(windower, { ...options, panes }).aggregate(aggregates)
      return left.window(windower, { ...options, panes }).aggregate(aggregates)
    }
    case 'process':
      return counting(program, byKey(left), terminal.timer, terminal.after)
    case 'countWindow':
      return byKey(left)
        .window(countWindow(terminal.size, { every: terminal.every }), { name, onError })
        .aggregate(aggregates)
    case 'aggregate':
      return terminal.emit === 'changelog'
        ? byKey(left).aggregate(aggregates, { name, onError, emit: 'changelog' })
        : byKey(left).aggregate(aggregates, { name, onError })
    case 'reduce': {
      const fn = (a: Item, b: Item) => ({ key: a.key, id: a.id + b.id, value: a.value + b.value })
      return terminal.emit === 'changelog'
        ? byKey(left).reduce(fn, { name, emit: 'changelog' })
        : byKey(left).reduce(fn, { name })
    }
    case 'deduplicate':
      return terminal.keep === 'last'
        ? byKey(left).deduplicate({ name, keep: 'last' })
        : byKey(left).deduplicate({ name })
    case 'distinctUntilChanged': {
      const remainder = (value: number) => modulo(value, terminal.modulo)
      if (terminal.by === 'value') return byKey(left).distinctUntilChanged(({ value }) => remainder(value), { name })
      return left
        .map(({ key, value }) => ({ key, value: remainder(value) }))
        .keyBy(({ key }) => key)
        .distinctUntilChanged(undefined, { name })
    }
    case 'topN':
      return byKey(left).topN(terminal.n, { name, by: ({ value }) => value, order: terminal.order })
    case 'windowJoin': {
      const windower = windowerOf(program, terminal.window) as TimeWindower<Item>
      return byKey(left).windowJoin(byKey(right), windower, { name, kind: terminal.kind, combine: ids })
    }
    case 'intervalJoin': {
      const bounds = { from: terminal.from * tickMs, to: terminal.to * tickMs }
      return byKey(left).intervalJoin(byKey(right), { name, kind: terminal.kind, combine: ids, ...bounds })
    }
    case 'join':
      return byKey(left).join(byKey(right), { name, kind: terminal.kind, combine: ids })
    case 'tableJoin': {
      const sums = byKey(left).aggregate(aggregates, { name: 'sums', emit: 'changelog' })
      const newest = byKey(right).deduplicate({ name: 'newest', keep: 'last' })
      const combine = (a: { readonly total: number } | null, b: Item | null) => ({
        left: a?.total ?? null,
        right: b?.id ?? null,
      })
      const options = { name, kind: terminal.kind, combine }
      return sums
        .keyBy(({ key }) => key)
        .join(
          newest.keyBy(({ key }) => key),
          options,
        )
    }
    case 'connect':
      return connected(byKey(left), right, terminal.isBroadcast)
    case 'temporalJoin':
      return byKey(left).temporalJoin(byKey(right), { name, kind: terminal.kind, combine: ids })
  }
}

/** The results of a window as records of the model, of other keys. */
export const resultItem = ({ n, total }: { readonly n: number; readonly total: number }): Item => ({
  id: n,
  key: n % 2,
  value: total,
})

function inWindowsAgain(
  program: Program,
  window: ModelWindow,
  results: Stream<{ readonly n: number; readonly total: number }>,
): Stream<unknown> {
  const plain = aggregatesOf({ ...program, throwsOn: null })
  return byKey(results.map(resultItem)).window(windowerOf(program, window), { name: 'again' }).aggregate(plain)
}

function connected(left: KeyedStream<Item, Key>, right: Stream<Item>, isBroadcast: boolean): Stream<unknown> {
  if (isBroadcast)
    return left.connect(
      right.broadcast(),
      {
        broadcastState: { newest: state.value<Item>() },
        onRecord: (item, { broadcast }) => [ids(item, broadcast.newest.get() ?? null)],
        onBroadcast: (item, { broadcast }) => broadcast.newest.set(item),
      },
      { name },
    )
  return left.connect(
    byKey(right),
    {
      state: { newest: state.value<Item>() },
      onLeft: (item, { state: { newest } }) => [ids(item, newest.get() ?? null)],
      onRight: (item, { state: { newest } }) => newest.set(item),
    },
    { name },
  )
}

function counting(
  { tickMs }: Program,
  stream: KeyedStream<Item, Key>,
  timer: 'eventTime' | 'processingTime',
  after: number,
): Stream<unknown> {
  return stream.process(
    {
      state: { seen: state.value<number>() },
      onRecord({ id }, { key, state: { seen }, timestamp, processingTime, timers }) {
        const count = (seen.get() ?? 0) + 1
        seen.set(count)
        if (timer === 'eventTime') timers.setEventTime(timestamp! + after * tickMs)
        else timers.setProcessingTime(processingTime + after)
        return [{ key, id, seen: count }]
      },
      onTimer: (time, { key, state: { seen } }) => [{ key, due: time, seen: seen.get() }],
    },
    { name },
  )
}

/** Into which group of the roll-up a row falls, and what it weighs there: both by its text alone. */
export const groupOf = (row: string): number => row.length % 3
export const weightOf = (row: string): number => row.length

function rolledUp({ rollUp }: Program, result: ChangelogStream<unknown>): void {
  if (!rollUp) return result.sinkTo(sink, { name: sinkName })
  result
    .map(canonicalRow)
    .keyBy(groupOf)
    .aggregate({ rows: count(), weight: sum(weightOf) }, { name: 'roll-up' })
    .sinkTo(sink, { name: sinkName })
}

/** Whether records that come too late are written to a side output. */
export const keepsLate = ({ terminal, folds }: Program): boolean =>
  terminal.op === 'window' && hasLate(terminal.window) && folds === 'records'

/** Windows of which a record can come too late. */
export const hasLate = (window: ModelWindow): boolean => window.kind !== 'global' && !isOfClock(window)

function windowerOf({ tickMs }: Program, window: ModelWindow): Windower<Item> {
  switch (window.kind) {
    case 'tumbling':
      return tumbling(window.size * tickMs, { offset: window.offset * tickMs, time: window.time })
    case 'sliding':
      return sliding(window.size * tickMs, { every: window.every * tickMs, offset: window.offset * tickMs })
    case 'session':
      return session(window.gap * tickMs)
    case 'sessionByValue':
      return session((item: Item) => (1 + modulo(item.value, window.modulo)) * tickMs)
    case 'calendar':
      return calendar(window.unit, { timeZone: window.timeZone })
    case 'global':
      return globalWindow()
  }
}

function choiceOf(choice: ModelTrigger): TriggerChoice<Item> {
  if (choice.kind !== 'phases') return triggerOf(choice)
  const phases: (EarlyTrigger | LateTrigger)[] = []
  if (choice.early)
    phases.push('records' in choice.early ? early.count(choice.early.records) : early.every(choice.early.ms))
  if (choice.late) phases.push('records' in choice.late ? late.each() : late.every(choice.late.ms))
  return phases
}

function triggerOf(given: Exclude<ModelTrigger, { kind: 'phases' }> | ModelTrigger): Trigger<Item> {
  switch (given.kind) {
    case 'count':
      return trigger.count(given.records)
    case 'every':
      return trigger.every(given.ms)
    case 'custom':
      return trigger.custom<Item, undefined>({
        onRecord: ({ value }) => (isMultiple(value, given.multiplesOf) ? 'fire' : 'continue'),
        merge: () => undefined,
      })
    case 'any':
    case 'all':
    case 'sequence':
      return trigger[given.kind](...given.of.map(triggerOf))
    case 'purging':
      return trigger.purging(triggerOf(given.of))
    case 'eventTime':
    case 'phases':
      return trigger.eventTime()
  }
}
