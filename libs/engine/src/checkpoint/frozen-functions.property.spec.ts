import { state, type Aggregate, type Key, type ListState, type MapState, type ValueState } from '@lightflus/api'
import fc from 'fast-check'
import { createProcess } from '../operators/process.ts'
import type { Operator } from '../operators/operator.ts'
import { makeOperator } from '../testing/operator-table.ts'
import { processOptions } from '../testing/process-specs.ts'
import { VirtualHost } from '../testing/virtual-host.ts'
import type { FrozenState } from './frozen-state.ts'
import { joinBlocks } from './written-state.ts'

// Goal: what is copied of states and timers of functions, while these go on, is what `snapshot` gave at the barrier, as long as
// functions change objects only in the call in which they got them: whoever else holds the same objects.

interface Tally {
  n: number
  readonly all: { readonly n: number }[]
}

/** Not plain data: what state gives back is the object that was put in. */
class Counter {
  n = 1
}

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

interface States {
  readonly tally: ValueState<Tally>
  readonly last: ValueState<number>
  readonly counter: ValueState<Counter>
  readonly list: ListState<Tally>
  readonly numbers: ListState<number>
  readonly map: MapState<number, Tally>
  readonly total: { add(n: number): void; clear(): void }
}

interface Context {
  readonly key: Key
  readonly state: States
  readonly timers: Record<
    'setEventTime' | 'deleteEventTime' | 'setProcessingTime' | 'deleteProcessingTime',
    (at: number) => void
  >
}

/** Of several keys and states at once. */
let shared: Tally = { n: 0, all: [] }
const change = (tally: Tally | undefined): void => {
  if (tally === undefined) return
  tally.n++
  tally.all[0] = { n: tally.n }
}
const several = (n: number): number => (n > 3 ? 70 : 2)

/** Of each key another. */
const ownTime = (key: Key, n: number): number => 100 + 10 * Number(String(key).replace('user-', '')) + (n % 2)

/** What a function may do with a number. */
const actions: Readonly<Record<string, (context: Context, n: number) => void>> = {
  setTally: ({ state: { tally } }, n) => tally.set({ n, all: [] }),
  changeTally: ({ state: { tally } }) => change(tally.get()),
  setChanged({ state: { tally } }) {
    const present = tally.get()
    change(present)
    if (present) tally.set(present)
  },
  clearTally: ({ state: { tally } }) => tally.clear(),
  setLast: ({ state: { last } }, n) => last.set(n),
  clearLast: ({ state: { last } }) => last.clear(),
  count({ state: { counter } }) {
    const present = counter.get()
    if (present) present.n++
    else counter.set(new Counter())
  },
  addToList: ({ state: { list, numbers } }, n) => {
    list.add({ n, all: [] })
    numbers.add(n)
  },
  setList({ state: { list, numbers } }, n) {
    list.set(Array.from({ length: several(n) }, (_, i) => ({ n: i, all: [] })))
    numbers.set(Array.from({ length: several(n) }, (_, i) => i))
  },
  changeList: ({ state: { list } }) => list.get().forEach(change),
  clearList: ({ state: { list, numbers } }) => {
    list.clear()
    numbers.clear()
  },
  setEntries({ state: { map } }, n) {
    for (let i = 0; i < several(n); i++) map.set(n + i, { n, all: [] })
  },
  changeEntry: ({ state: { map } }, n) => change(map.get(n)),
  changeEntries({ state: { map } }) {
    for (const [, tally] of map.entries()) change(tally)
  },
  deleteEntry: ({ state: { map } }, n) => map.delete(n),
  clearMap: ({ state: { map } }) => map.clear(),
  addToTotal: ({ state: states }, n) => states.total.add(n),
  clearTotal: ({ state: states }) => states.total.clear(),
  share({ state: { tally, list, map } }, n) {
    tally.set(shared)
    list.add(shared)
    map.set(n, shared)
  },
  setTimer: ({ timers }, n) => timers.setEventTime(n * 10),
  deleteTimer: ({ timers }, n) => timers.deleteEventTime(n * 10),
  setAlarm: ({ timers }, n) => timers.setProcessingTime(n * 20),
  deleteAlarm: ({ timers }, n) => timers.deleteProcessingTime(n * 20),
  setOwnTimer: ({ key, timers }, n) => timers.setEventTime(ownTime(key, n)),
  deleteOwnTimer: ({ key, timers }, n) => timers.deleteEventTime(ownTime(key, n)),
  throw() {
    throw new Error('asked to')
  },
}

/** One of the few that a run has: those that have to do with each other are to meet. */
interface Act {
  readonly what: number
  readonly n: number
}

const act = fc.record({ what: fc.nat(5), n: fc.nat(5) })

const timed = [
  'changeTally',
  'changeList',
  'clearMap',
  'addToTotal',
  'setTimer',
  'share',
  'clearTally',
  'changeEntries',
]

interface Way {
  readonly ttl: number | null
  readonly onError: 'fail' | 'skip'
  readonly does: readonly string[]
}

function make({ ttl, onError, does }: Way, host: VirtualHost): Operator {
  const times = ttl === null ? {} : { ttl }
  const options = processOptions({
    state: {
      tally: state.value<Tally>(times),
      last: state.value<number>(times),
      counter: state.value<Counter>(),
      list: state.list<Tally>(times),
      numbers: state.list<number>(times),
      map: state.map<number, Tally>(times),
      total: state.reducing(total, times),
    },
    onRecord(acts: readonly Act[], context: Context) {
      for (const { what, n } of acts) {
        const name = does[what % does.length]
        if (name !== 'throw' || onError === 'skip') actions[name](context, n)
      }
    },
    onTimer(time: number, context: Context) {
      const n = Math.floor(time)
      actions[timed[n % timed.length]](context, n % 6)
    },
  } as never)
  return makeOperator({ kind: 'process', create: createProcess, onError, ...options }, host).operator
}

type Step =
  | { readonly do: 'records'; readonly keys: readonly number[]; readonly acts: readonly (readonly Act[])[] }
  | { readonly do: 'many'; readonly from: number; readonly acts: readonly Act[] }
  | { readonly do: 'watermark' | 'pass'; readonly by: number }
  | { readonly do: 'freeze' | 'copy'; readonly entries: number }
  | { readonly do: 'release' }

const acts = fc.array(act, { minLength: 1, maxLength: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('records' as const),
      keys: fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }),
      acts: fc.array(acts, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('many' as const), from: fc.nat(60), acts }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('watermark' as const, 'pass' as const), by: fc.nat(120) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('freeze' as const), entries: fc.nat(60) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('copy' as const), entries: fc.integer({ min: 1, max: 150 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'release' as const }) },
)

type KeyGroups = ReadonlyMap<number, unknown>

/** State that is frozen, what was written of it, and what it was. */
class Taken {
  readonly #frozen: FrozenState
  readonly #expected: string
  readonly #blocks = new Map<number, unknown[]>()

  constructor(operator: Operator) {
    this.#expected = textOf(structuredClone(operator.snapshot()!.keyGroups))
    this.#frozen = operator.freeze!()!.keyGroups
    this.#frozen.begin((keyGroup, block) => {
      const blocks = this.#blocks.get(keyGroup)
      if (blocks === undefined) this.#blocks.set(keyGroup, [structuredClone(block)])
      else blocks.push(structuredClone(block))
    })
  }

  /** @returns whether there is more. */
  copy(entries: number): boolean {
    if (this.#frozen.advance(entries)) return true
    expect(this.#frozen.bytes).toBe(0)
    // Of large states a difference would take minutes to be shown.
    if (textOf(this.keyGroups) !== this.#expected) throw new Error('What was copied is not what was there.')
    return false
  }

  get keyGroups(): KeyGroups {
    return new Map([...this.#blocks].map(([keyGroup, blocks]) => [keyGroup, joinBlocks(structuredClone(blocks))]))
  }

  release(): void {
    this.#frozen.release()
    expect(this.#frozen.bytes).toBe(0)
  }
}

interface Columns {
  readonly keys: readonly Key[]
  readonly lengths?: readonly number[]
  readonly sizes?: readonly number[]
  readonly entryKeys?: readonly Key[]
  readonly values: readonly unknown[]
  readonly expiresAt: readonly number[] | null
}

interface Timers {
  readonly keys: readonly Key[]
  readonly times: readonly number[]
  readonly positions: readonly number[]
}

interface Group {
  readonly states?: Readonly<Record<string, Columns>>
  readonly eventTimers?: Timers
  readonly processingTimers?: Timers
}

/** The same text for the same state, in whatever order and parts it was copied. */
function textOf(keyGroups: KeyGroups, isOrdered = true): string {
  const rows = new Map<string, unknown[]>()
  const put = (name: readonly unknown[], value: unknown) => {
    const row = JSON.stringify(name)
    if (!rows.has(row)) rows.set(row, [])
    rows.get(row)!.push(value)
  }
  const groups = [...keyGroups] as [number, Group][]
  for (const [keyGroup, { states = {} }] of groups) {
    for (const [name, { keys, lengths, sizes, entryKeys, values, expiresAt }] of Object.entries(states)) {
      let at = 0
      keys.forEach((key, i) => {
        for (const end = at + (lengths ?? sizes ?? [])[i]! || at + 1; at < end; at++)
          put([name, keyGroup, key, entryKeys?.[at]], [values[at], expiresAt?.[at]])
      })
    }
  }
  for (const kind of ['eventTimers', 'processingTimers'] as const) {
    const timers = groups.flatMap(([, { [kind]: each }]) =>
      (each?.keys ?? []).map((key, i) => ({ key, time: each!.times[i], position: each!.positions[i] })),
    )
    for (const { key, time } of timers.sort((a, b) => a.position - b.position))
      put([kind, time, isOrdered ? null : key], key)
  }
  return JSON.stringify([...rows].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A run of steps, with one copying at a time. */
class Run {
  readonly #host = new VirtualHost()
  readonly #way: Way
  readonly #operator: Operator
  #taken: Taken | undefined
  #watermark = 0

  constructor(way: Way) {
    this.#way = way
    this.#operator = make(way, this.#host)
    shared = { n: 0, all: [] }
  }

  async take(each: Step): Promise<void> {
    switch (each.do) {
      case 'records':
        return this.#process(each.acts.map((values, i) => ({ key: each.keys[i], values })))
      case 'many':
        return this.#process(Array.from({ length: 40 }, (_, i) => ({ key: each.from + i, values: each.acts })))
      case 'watermark':
        return this.#operator.onWatermark((this.#watermark += each.by), output)
      case 'pass':
        return this.#pass(each.by)
      case 'freeze':
        // As whoever freezes has to.
        while (this.#taken?.copy(1_000));
        this.#taken = new Taken(this.#operator)
        return this.#copy(each.entries)
      case 'copy':
        return this.#copy(each.entries)
      case 'release':
        this.#taken?.release()
        this.#taken = undefined
    }
  }

  /** Whatever is under way is copied to its end; what is there then comes back, by however many subtasks it is restored. */
  end(): void {
    while (this.#taken?.copy(64));
    const last = new Taken(this.#operator)
    while (last.copy(100));
    const { subtask, keyGroups } = this.#operator.snapshot()!
    const restored = [0, 1].flatMap((index) => {
      const part = make(this.#way, this.#host)
      const own = new Map([...last.keyGroups].filter(([keyGroup]) => keyGroup % 2 === index))
      part.restore({ subtasks: [subtask], keyGroups: own })
      return [...part.snapshot()!.keyGroups]
    })
    // In which order timers of keys of several subtasks were set, nobody knows.
    if (textOf(new Map(restored), false) !== textOf(keyGroups, false))
      throw new Error('What was restored is not what was there.')
  }

  #process(records: readonly { readonly key: number; readonly values: readonly Act[] }[]): void | Promise<void> {
    const keys = records.map(({ key }): Key => (key % 2 === 0 ? key : `user-${key}`))
    const timestamps = records.map(() => this.#watermark)
    return this.#operator.processBatch({ keys, values: records.map(({ values }) => values), timestamps }, output, 0)
  }

  async #pass(by: number): Promise<void> {
    const now = this.#host.clock.now() + by
    this.#host.advanceTo(now)
    if (this.#operator.processingTimeDue!() <= now) await this.#operator.onProcessingTime!(now, output)
  }

  #copy(entries: number): void {
    if (this.#taken && !this.#taken.copy(entries)) this.#taken = undefined
  }
}

const output = { emit() {}, emitSide() {} }

const way = fc.record({
  ttl: fc.constantFrom(null, 40),
  onError: fc.constantFrom('fail' as const, 'skip' as const),
  does: fc.oneof(
    fc.shuffledSubarray(Object.keys(actions), { minLength: 2, maxLength: 6 }),
    fc.constantFrom(
      ['setTally', 'changeTally', 'setChanged', 'share', 'addToTotal', 'throw'],
      ['setList', 'addToList', 'changeList'],
      ['share', 'changeTally', 'changeEntries', 'changeList', 'throw'],
      ['setEntries', 'changeEntries', 'deleteEntry', 'clearMap'],
    ),
  ),
})

test('states and timers are copied as they were at the barrier, whatever functions do meanwhile, and are restored from that', async () => {
  await fc.assert(
    fc.asyncProperty(way, fc.array(step, { maxLength: 18, size: 'max' }), async (each, steps) => {
      const run = new Run(each)
      for (const next of steps) await run.take(next)
      run.end()
    }),
    { numRuns: 400 },
  )
})
