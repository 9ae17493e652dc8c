import { count, job, state, sum, tumbling, type Flow, type JobDefinition } from '@lightflus/api'
import type { SinkDeclaration, SourceDeclaration } from '@lightflus/api'
import type { Mutation } from './mutations.ts'
import type { Dice } from './random.ts'

export interface Item {
  readonly id: number
  readonly key: string
  readonly at: number
}

/** By source and partition; times rise within a partition. */
export type Input = Readonly<Record<string, Readonly<Record<string, readonly Item[]>>>>

/** Rows as a test compares them, of each sink. */
export type Rows = Readonly<Record<string, readonly unknown[]>>

export interface SimVersion {
  readonly definition: JobDefinition
  /** Of the former version. */
  readonly dropState?: readonly string[]
}

export interface SimJob {
  readonly name: string
  readonly sources: readonly string[]
  /** One after another; what the sinks hold in the end is the same whenever the next one comes. */
  readonly versions: readonly SimVersion[]
  /** What its sinks hold in the end, from the complete input and by the definition alone. */
  readonly expected: (input: Readonly<Record<string, readonly Item[]>>) => Rows
}

const watermark = { kind: 'boundedOutOfOrderness', outOfOrdernessMs: 0 }
const source: SourceDeclaration<Item> = {
  connector: 'sim',
  bounded: false,
  options: { watermark, maxClockAheadMs: null, idlenessMs: null, alignment: null, connector: {} },
  functions: { eventTime: ({ at }: Item) => at },
}
const sink: SinkDeclaration<unknown, 'changes'> = {
  accepts: 'changes',
  connector: 'sim',
  options: { connector: {} },
  functions: {},
}
const read = (flow: Flow, name: string) => flow.source(source, { name })
const only = (name: string, build: (flow: Flow) => void): SimVersion[] => [{ definition: job(name, build) }]
const windowMs = 40
const byKey = (items: readonly Item[]) => Map.groupBy(items, ({ key }) => key)

/** A sink in the chain of the source, and one behind an exchange. */
const twice: SimJob = {
  name: 'twice',
  sources: ['left'],
  versions: only('twice', (flow) => {
    const all = read(flow, 'left')
    all.map(({ id }) => id).sinkTo(sink, { name: 'near' })
    all
      .keyBy(({ key }) => key)
      .process({ state: {}, onRecord: ({ id }: Item) => [id] }, { name: 'same' })
      .sinkTo(sink, { name: 'far' })
  }),
  expected: ({ left }) => ({ near: left.map(({ id }) => id), far: left.map(({ id }) => id) }),
}

const byItsKey = (flow: Flow) => read(flow, 'left').keyBy(({ key }) => key)

/** Counts in a number. */
const countsFirst = job('counts', (flow) => {
  byItsKey(flow)
    .process(
      {
        state: { n: state.value<number>() },
        onRecord: ({ key }: Item, { state: { n } }) => {
          n.set((n.get() ?? 0) + 1)
          return [{ key, n: n.get() }]
        },
      },
      { name: 'count' },
    )
    .sinkTo(sink, { name: 'out' })
})

interface Counted {
  readonly n: number
}

function remembering(items: ReturnType<typeof byItsKey>) {
  return items.process(
    {
      state: { last: state.value<number>() },
      onRecord: (item: Item, { state: { last } }) => {
        last.set(item.id)
        return [item]
      },
    },
    { name: 'last' },
  )
}

function countsIn(flow: Flow, { isMigrated = true, remembers = false }): void {
  const migration = { version: 2, migrate: (n: number): Counted => ({ n }) }
  const before = byItsKey(flow)
  const items = remembers ? remembering(before).keyBy(({ key }) => key) : before
  items
    .process(
      {
        state: { n: state.value<Counted>(isMigrated ? migration : {}) },
        onRecord: ({ key }: Item, { state: { n } }) => {
          n.set({ n: (n.get()?.n ?? 0) + 1 })
          return [{ key, n: n.get()!.n }]
        },
      },
      { name: 'count' },
    )
    .sinkTo(sink, { name: 'out' })
}

/** Its second version keeps the counts in another form and has an operator more; the third leaves that out again. */
const counts: SimJob = {
  name: 'counts',
  sources: ['left'],
  versions: [
    { definition: countsFirst },
    { definition: job('counts', (flow) => countsIn(flow, { remembers: true })) },
    { definition: job('counts', (flow) => countsIn(flow, {})), dropState: ['last'] },
  ],
  expected: ({ left }) => ({
    out: [...byKey(left)].flatMap(([key, items]) => items.map((_, index) => ({ key, n: index + 1 }))),
  }),
}

const windows: SimJob = {
  name: 'windows',
  sources: ['left', 'right'],
  versions: only('windows', (flow) => {
    read(flow, 'left')
      .union(read(flow, 'right'))
      .keyBy(({ key }) => key)
      .window(tumbling(windowMs), { name: 'windows' })
      .aggregate({ n: count(), total: sum(({ id }: Item) => id) })
      .map(({ key, window, n, total }) => ({ key, start: Number(window.start), n, total }))
      .sinkTo(sink, { name: 'out' })
  }),
  expected: ({ left, right }) => ({
    out: [...byKey([...left, ...right])].flatMap(([key, items]) =>
      [...Map.groupBy(items, ({ at }) => Math.floor(at / windowMs) * windowMs)].map(([start, inside]) => ({
        key,
        start,
        n: inside.length,
        total: inside.reduce((total, { id }) => total + id, 0),
      })),
    ),
  }),
}

const patienceMs = 20
const joins: SimJob = {
  name: 'joins',
  sources: ['left', 'right'],
  versions: only('joins', (flow) => {
    const right = read(flow, 'right')
    read(flow, 'left')
      .keyBy(({ key }) => key)
      .intervalJoin(
        right.keyBy(({ key }) => key),
        {
          name: 'pairs',
          from: -patienceMs,
          to: patienceMs,
          combine: (a: Item | null, b: Item | null) => ({ left: a!.id, right: b!.id }),
        },
      )
      .sinkTo(sink, { name: 'out' })
    right.map(({ id }) => id).sinkTo(sink, { name: 'near' })
  }),
  expected: ({ left, right }) => ({
    out: left.flatMap((a) =>
      right
        .filter(({ key, at }) => key === a.key && Math.abs(at - a.at) <= patienceMs)
        .map(({ id }) => ({ left: a.id, right: id })),
    ),
    near: right.map(({ id }) => id),
  }),
}

/** As if the second version said nothing of the first one's values. */
const unmigrated: SimJob = {
  ...counts,
  versions: [
    { definition: countsFirst },
    { definition: job('counts', (flow) => countsIn(flow, { isMigrated: false })) },
  ],
}

export const simJobs: readonly SimJob[] = [twice, counts, windows, joins]

export function drawJob(dice: Dice, mutation: Mutation | undefined): SimJob {
  return mutation === 'state-not-migrated' ? unmigrated : dice.pick(simJobs)
}

/** A short input, in partitions of different lengths so that subtasks finish one after another. */
export function drawInput(dice: Dice, { sources }: SimJob): Input {
  let id = 0
  const partition = (): Item[] => {
    let at = 0
    return Array.from({ length: dice.between(0, 30) }, () => ({
      id: id++,
      key: dice.pick(['a', 'b', 'c', 'd', 'e']),
      at: (at += dice.between(0, 12)),
    }))
  }
  return Object.fromEntries(
    sources.map((name) => [
      name,
      Object.fromEntries(Array.from({ length: dice.between(1, 4) }, (_, number) => [`${name}/${number}`, partition()])),
    ]),
  )
}
