import { state, type Aggregate, type StatesOf, type Timers } from '@lightflus/api'
import fc from 'fast-check'
import { maxWatermark } from '../../record.ts'
import { makeOperator } from '../../testing/operator-table.ts'
import { describeKey, ProcessModel, timerActions, type Action, type TimeToLive } from '../../testing/process-model.ts'
import { MemoryStateStore, type MemoryDisk } from '../../testing/memory-state-store.ts'
import { processOptions } from '../../testing/process-specs.ts'
import { VirtualHost } from '../../testing/virtual-host.ts'
import type { Output } from '../operator.ts'
import { createProcess } from '../process.ts'

// Goal: states and timers are what their documentation says, whatever is done with them, whenever calls throw, and
// however often the operator is restored: the model shares no code with them.

const number = fc.integer({ min: 0, max: 9 })
const time = fc.integer({ min: 0, max: 60 })
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constantFrom('setValue' as const, 'addToList' as const, 'addToTotal' as const), n: number }),
  fc.record({ do: fc.constant('setEntry' as const), entry: fc.nat(3), n: number }),
  fc.record({ do: fc.constant('deleteEntry' as const), entry: fc.nat(3) }),
  fc.record({ do: fc.constant('setList' as const), values: fc.array(number, { maxLength: 3 }) }),
  fc.record({
    do: fc.constantFrom('clearValue' as const, 'clearList' as const, 'clearMap' as const, 'clearTotal' as const),
  }),
  fc.record({ do: fc.constantFrom('setTimer' as const, 'deleteTimer' as const), time }),
  fc.record({
    do: fc.constantFrom('setAlarm' as const, 'deleteAlarm' as const),
    time: fc.integer({ min: 0, max: 400 }),
  }),
  { weight: 2, arbitrary: fc.constant({ do: 'throw' as const }) },
)

type Step =
  | { readonly records: readonly { readonly key: string; readonly actions: readonly Action[] }[] }
  | { readonly watermark: number }
  | { readonly pass: number }
  | 'restore'

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      records: fc.array(fc.record({ key: fc.constantFrom('a', 'b'), actions: fc.array(action, { maxLength: 5 }) }), {
        maxLength: 4,
      }),
    }),
  },
  fc.record({ watermark: time }),
  fc.record({ pass: fc.oneof(fc.nat(15), fc.nat(150)) }),
  fc.constant('restore' as const),
)

const ttl = fc.constantFrom(null, 20, 130)

/** A sum whose accumulator changes in place. */
const total: Aggregate<number, { sum: number }, number> = {
  create: () => ({ sum: 0 }),
  add(accumulator, n) {
    accumulator.sum += n
    return accumulator
  },
  merge: (a, b) => ({ sum: a.sum + b.sum }),
  result: ({ sum }) => sum,
}

const statesWith = (times: TimeToLive) => {
  const options = (ms: number | null) => (ms === null ? {} : { ttl: ms })
  return {
    value: state.value<number>(options(times.value)),
    list: state.list<number>(options(times.list)),
    map: state.map<number, number>(options(times.map)),
    total: state.reducing(total, options(times.total)),
  }
}
type Context = Parameters<typeof act>[0]

function act(
  context: {
    readonly state: StatesOf<ReturnType<typeof statesWith>>
    readonly timers: Timers
  },
  actions: readonly Action[],
): string {
  const { value, list, map, total: folded } = context.state
  const does: { readonly [Do in Action['do']]: (action: Action & { readonly do: Do }) => void } = {
    setValue: ({ n }) => value.set(n),
    addToList: ({ n }) => list.add(n),
    addToTotal: ({ n }) => folded.add(n),
    setEntry: ({ entry, n }) => map.set(entry, n),
    deleteEntry: ({ entry }) => map.delete(entry),
    setList: ({ values }) => list.set(values),
    clearValue: () => value.clear(),
    clearList: () => list.clear(),
    clearMap: () => map.clear(),
    clearTotal: () => folded.clear(),
    setTimer: ({ time: at }) => context.timers.setEventTime(at),
    deleteTimer: ({ time: at }) => context.timers.deleteEventTime(at),
    setAlarm: ({ time: at }) => context.timers.setProcessingTime(at),
    deleteAlarm: ({ time: at }) => context.timers.deleteProcessingTime(at),
    throw() {
      throw new Error('asked to')
    },
  }
  for (const each of actions) (does[each.do] as (action: Action) => void)(each)
  expect(list.length).toBe(list.get().length)
  expect(map.size).toBe([...map.entries()].length)
  return describeKey({ value: value.get(), list: list.get(), map: [...map.entries()], total: folded.get() })
}

/** The operator, restored wherever a step says so. */
class Tested {
  readonly host = new VirtualHost()
  readonly emitted: string[] = []
  readonly #tested
  #operator

  constructor(times: TimeToLive, disk: MemoryDisk | undefined) {
    this.#tested = {
      ...(disk && { openStateStore: () => new MemoryStateStore(disk) }),
      kind: 'process' as const,
      create: createProcess,
      onError: 'skip' as const,
      ...processOptions({
        state: statesWith(times),
        onRecord: (actions: readonly Action[], context: Context) => [act(context, actions)],
        onTimer: (at: number, context: Context & { readonly timer: string }) => [
          `${context.timer === 'eventTime' ? 'timers' : 'alarms'} ${at} ${act(context, timerActions(at))}`,
        ],
      }),
    }
    this.#operator = makeOperator(this.#tested, this.host).operator
  }

  readonly #output: Output = { emit: ({ values }) => void this.emitted.push(...(values as string[])), emitSide() {} }

  records(records: readonly { readonly key: string; readonly actions: readonly Action[] }[]): void {
    const values = records.map(({ actions }) => actions)
    const keys = records.map(({ key }) => key)
    this.#operator.processBatch({ values, timestamps: values.map(() => 0), keys }, this.#output, 0)
  }

  watermark(watermark: number): void {
    this.#operator.onWatermark(watermark, this.#output)
  }

  pass(ms: number): void {
    const now = this.host.clock.now() + ms
    this.host.advanceTo(now)
    while (this.#operator.processingTimeDue!() <= now) this.#operator.onProcessingTime!(now, this.#output)
  }

  keyGroups(): number[] {
    return [...this.#operator.snapshot()!.keyGroups.keys()].sort((a, b) => a - b)
  }

  restore(): void {
    const { stored, ...snapshot } = this.#operator.snapshot()!
    const { subtask, keyGroups } = structuredClone(snapshot)
    this.#operator = makeOperator(this.#tested, this.host).operator
    const segments = stored?.segments.map((each) => ({ ...each, keyGroups: { first: 0, last: 127 } }))
    this.#operator.restore({ subtasks: [subtask], keyGroups, ...(segments && { segments }) })
  }
}

/** Neighbours for one moment in order of their text: a timer whose deletion is undone loses its place among them. */
function byTime(rows: readonly string[]): string[] {
  const moments: { readonly moment: string; readonly rows: string[] }[] = []
  for (const row of rows) {
    const moment = row.split(' ', 2).join(' ')
    if (moments.at(-1)?.moment === moment) moments.at(-1)!.rows.push(row)
    else moments.push({ moment, rows: [row] })
  }
  return moments.flatMap((each) => (each.moment.startsWith('{') ? each.rows : each.rows.sort()))
}

test.each(['memory', 'store'])(
  'states in %s with a time to live, and timers, do what a naive model does',
  (backend) => {
    fc.assert(
      fc.property(
        fc.record({ value: ttl, list: ttl, map: ttl, total: ttl }),
        fc.array(step, { maxLength: 40, size: 'max' }),
        (times, steps) => {
          const tested = new Tested(times, backend === 'store' ? new Map() : undefined)
          const model = new ProcessModel(times)
          for (const each of steps) {
            let expected: string[] = []
            if (each === 'restore') tested.restore()
            else if ('records' in each) {
              tested.records(each.records)
              expected = each.records.flatMap(({ key, actions }) => model.record(key, actions) ?? [])
            } else if ('watermark' in each) {
              tested.watermark(each.watermark)
              expected = model.advance(each.watermark)
            } else {
              tested.pass(each.pass)
              expected = model.clock(tested.host.clock.now())
            }
            expect(byTime(tested.emitted.splice(0))).toEqual(byTime(expected))
            const keyGroups = tested.keyGroups()
            // Those of a store are in its files.
            if (backend === 'memory') expect(keyGroups).toEqual(model.keyGroups())
          }
          tested.watermark(maxWatermark)
          expect(byTime(tested.emitted.splice(0))).toEqual(byTime(model.end()))
        },
      ),
      { numRuns: 250 },
    )
  },
)
