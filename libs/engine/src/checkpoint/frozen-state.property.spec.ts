import { avg, count, max, sum, topN, type Aggregate, type Key } from '@lightflus/api'
import fc from 'fast-check'
import { createAggregate } from '../operators/aggregate.ts'
import { createDeduplicate } from '../operators/deduplicate.ts'
import { createDistinctUntilChanged } from '../operators/distinct-until-changed.ts'
import type { Operator, OperatorState } from '../operators/operator.ts'
import { createTopN } from '../operators/top-n.ts'
import { createSlicedWindow } from '../operators/window/window.ts'
import { makeOperator, type TableRun } from '../testing/operator-table.ts'
import { VirtualHost } from '../testing/virtual-host.ts'
import type { FrozenState } from './frozen-state.ts'
import { joinBlocks } from './written-state.ts'

// Goal: what is copied of frozen state, while it goes on changing, is what `snapshot` gave at the barrier.

interface Value {
  readonly n: number
}

const numbers: Readonly<Record<string, Aggregate>> = {
  n: count(),
  total: sum(({ n }: Value) => n),
  most: max(({ n }: Value) => n),
  mean: avg(({ n }: Value) => n),
}
/** Not in columns: the accumulator is an object that changes in place. */
const objects: Readonly<Record<string, Aggregate>> = { ...numbers, best: topN(2, ({ n }: Value) => n) }

const running = (aggregates: typeof numbers, bounded: boolean) => (): TableRun =>
  makeOperator({
    kind: 'aggregate',
    create: createAggregate,
    bounded,
    options: { aggregates: Object.keys(aggregates), emit: 'updates', input: 'records' },
    functions: { aggregates },
  })

const retracted = (): TableRun =>
  makeOperator({
    kind: 'aggregate',
    create: createAggregate,
    options: { aggregates: ['n', 'total'], emit: 'changelog', input: 'changelog' },
    functions: { aggregates: { n: count(), total: sum(({ n }: Value) => n) } },
  })

const best = (input: 'records' | 'changelog') => (): TableRun =>
  makeOperator({
    kind: 'topN',
    create: createTopN,
    options: { n: 2, order: 'descending', input },
    functions: { by: (value) => (value as Value).n },
  })

/** Their records are taken back, too. */
const takingBack = new Set<() => TableRun>()
const taking = (make: () => TableRun): (() => TableRun) => {
  takingBack.add(make)
  return make
}

const windows = (windower: object, allowedLatenessMs: number) => (): TableRun =>
  makeOperator({
    kind: 'window',
    create: createSlicedWindow,
    options: {
      windower: { offsetMs: 0, time: 'event', ...windower },
      allowedLatenessMs,
      lateOutput: null,
      trigger: null,
      panes: 'accumulating',
      keyed: true,
      aggregates: Object.keys(numbers),
    },
    functions: { aggregates: numbers },
  })

/** Its clock shows the event time of the records, so that keys are forgotten. */
const remembering = (make: (host: VirtualHost) => TableRun) => (): TableRun => {
  const host = new VirtualHost()
  const run = make(host)
  const { operator } = run
  return {
    ...run,
    operator: {
      ...operator,
      processBatch(batch, output, input) {
        host.advanceTo(Math.max(host.clock.now(), batch.timestamps[0]))
        return operator.processBatch(batch, output, input)
      },
    },
  }
}

const deduplicated = (keep: 'first' | 'last', ttlMs: number | null) =>
  remembering((host) =>
    makeOperator({ kind: 'deduplicate', create: createDeduplicate, options: { keep, ttlMs }, functions: {} }, host),
  )

const distinct = (ttlMs: number | null) =>
  remembering((host) =>
    makeOperator(
      { kind: 'distinctUntilChanged', create: createDistinctUntilChanged, options: { ttlMs }, functions: {} },
      host,
    ),
  )

const operators: Readonly<Record<string, () => TableRun>> = {
  'a running aggregate in columns': running(numbers, true),
  'a running aggregate of cells': running(numbers, false),
  'a running aggregate of cells that hold objects': running(objects, false),
  'an aggregate whose keys go again': taking(retracted),
  'the best of each key': best('records'),
  'the best of each key, of rows that go again': taking(best('changelog')),
  'tumbling windows': windows({ kind: 'tumbling', sizeMs: 40 }, 0),
  'tumbling windows that take late records': windows({ kind: 'tumbling', sizeMs: 40 }, 60),
  'sliding windows': windows({ kind: 'sliding', sizeMs: 60, slideMs: 20 }, 30),
  'the first of each key': deduplicated('first', null),
  'the first of each key, which is forgotten': deduplicated('first', 40),
  'the last of each key': deduplicated('last', null),
  'the last of each key, which is forgotten': deduplicated('last', 40),
  'what has changed': distinct(null),
  'what has changed, of keys that are forgotten': distinct(40),
}

type Step =
  | {
      readonly do: 'add'
      readonly from: number
      readonly count: number
      readonly isText: boolean
      readonly back: boolean
    }
  | { readonly do: 'watermark'; readonly by: number }
  | { readonly do: 'freeze'; readonly copied: number }
  | { readonly do: 'copy'; readonly entries: number }
  | { readonly do: 'release' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      // Few keys that come again, and many at once, for which tables grow.
      from: fc.nat(300),
      count: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(150)),
      isText: fc.boolean(),
      back: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('watermark' as const), by: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('freeze' as const), copied: fc.nat(200) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('copy' as const), entries: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'release' as const }) },
)

/** State that is frozen, what was written of it, and what it was. */
class Taken {
  readonly #frozen: FrozenState
  readonly #expected: Rows
  readonly #blocks = new Map<number, unknown[]>()

  constructor(operator: Operator) {
    this.#expected = rowsOf(structuredClone(operator.snapshot()!).keyGroups)
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
    const copied = rowsOf(this.keyGroups)
    // Of large states a difference would take minutes to be shown.
    if (textOf(copied) !== textOf(this.#expected)) throw new Error('What was copied is not what was there.')
    return false
  }

  get keyGroups(): OperatorState['keyGroups'] {
    return new Map([...this.#blocks].map(([keyGroup, blocks]) => [keyGroup, joinBlocks(blocks)]))
  }

  release(): void {
    this.#frozen.release()
    expect(this.#frozen.bytes).toBe(0)
  }
}

type Rows = Map<number, string[]>

const textOf = (rows: Rows): string => JSON.stringify([...rows])

/** By key group, the entries in one order: that of the copying is another. */
function rowsOf(keyGroups: ReadonlyMap<number, unknown>): Rows {
  return new Map(
    [...keyGroups]
      .sort(([a], [b]) => a - b)
      .map(([keyGroup, state]) => {
        const columns = Object.entries(state as object).sort(([a], [b]) => (a < b ? -1 : 1))
        const rows = columns.flatMap(([name, column]) =>
          Array.isArray(column) && !name.startsWith('corrected') ? [] : [`${name} ${JSON.stringify(column)}`],
        )
        const lists = columns.filter(([name, column]) => Array.isArray(column) && !name.startsWith('corrected'))
        const keys = (state as { keys: Key[] }).keys
        keys.forEach((_, i) =>
          rows.push(JSON.stringify(lists.map(([name, column]) => [name, (column as unknown[])[i]]))),
        )
        return [keyGroup, rows.sort()]
      }),
  )
}

describe.each(Object.entries(operators))('%s', (_name, make) => {
  it('is copied as it was at the barrier, whatever comes meanwhile, and is restored from that', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
        const { operator } = make()
        const output = { emit() {}, emitSide() {} }
        let taken: Taken | undefined
        let now = 0
        for (const each of steps) {
          if (each.do === 'add') await operator.processBatch(batchOf(each, now, takingBack.has(make)), output, 0)
          else if (each.do === 'watermark') await operator.onWatermark((now += each.by), output)
          else if (each.do === 'freeze') {
            // As whoever freezes has to.
            while (taken?.copy(1_000));
            taken = new Taken(operator)
            if (!taken.copy(each.copied)) taken = undefined
          } else if (each.do === 'copy') {
            if (taken && !taken.copy(each.entries)) taken = undefined
          } else {
            taken?.release()
            taken = undefined
          }
        }
        while (taken?.copy(64));
        const last = new Taken(operator)
        while (last.copy(100));
        const { subtask, keyGroups } = operator.snapshot()!
        const { operator: restored } = make()
        restored.restore({ subtasks: [subtask], keyGroups: last.keyGroups })
        expect(rowsOf(restored.snapshot()!.keyGroups)).toEqual(rowsOf(keyGroups))
      }),
      { numRuns: 30 },
    )
  })
})

test('more keys than a chunk of a table and a block of a key group hold', async () => {
  const { operator } = operators['a running aggregate in columns']()
  const output = { emit() {}, emitSide() {} }
  const all = batchOf({ do: 'add', from: 0, count: 50_000, isText: false, back: false }, 0, false)
  await operator.processBatch(all, output, 0)
  const taken = new Taken(operator)
  taken.copy(20_000)
  await operator.processBatch(all, output, 0)
  while (taken.copy(20_000));
})

function batchOf({ from, count: length, isText, back }: Step & { do: 'add' }, now: number, isTakenBack: boolean) {
  const numbered = Array.from({ length }, (_, i) => from + i)
  return {
    keys: numbered.map((n): Key => (isText && n % 3 === 0 ? `user-${n}` : n)),
    values: numbered.map((n): Value => ({ n: (n + now) % 7 })),
    timestamps: numbered.map((n) => now + (n % 50)),
    ...(isTakenBack && back && { changes: numbered.map(() => 'delete' as const) }),
  }
}
