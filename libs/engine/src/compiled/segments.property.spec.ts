import fc from 'fast-check'
import { isLightflusError, type OnError, type OperatorDefinition, type OperatorKind } from '@lightflus/api'
import { createInnerOperator, type InnerKind } from '../operators/create-operator.ts'
import type { OperatorContext } from '../operators/operator.ts'
import { statelessOperator } from '../operators/operator.ts'
import type { RecordBatch } from '../record.ts'
import { RunningChain, type ChainMember, type InnerMember, type MemberOutputs } from '../subtask/running-chain.ts'
import { operatorContext } from '../testing/operator-context.ts'

// Goal: a generated loop and its operators one by one cannot be told apart: not by what leaves them, nor by counters,
// errors and warnings. Only under `fail` does it show that a record goes through the whole loop before the next one does:
// the error is then that which records in batches of one would have led to.

const fail = (value: unknown): never => {
  throw new Error(`not ${String(value)}`)
}
const list = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Functions of numbers, harmless and not, by what operators want of them. */
const functions = {
  map: {
    more: (n: number) => Number(n) + 1,
    wrapped: (n: number) => [String(n)],
    'throws at 3': (n: number) => (Number(n) === 3 ? fail(n) : n),
    'nothing at 5': (n: number) => (Number(n) === 5 ? undefined : n),
    'a promise': (n: number) => Promise.resolve(n),
  },
  filter: {
    odd: (n: number) => Number(n) % 2 === 1,
    'not 4, by 1 and 0': (n: number) => (Number(n) === 4 ? 0 : 1),
    'throws at 2': (n: number) => (Number(n) === 2 ? fail(n) : true),
    'a promise at 9': (n: number) => (Number(n) === 9 ? Promise.reject(new Error('lost')) : true),
    nothing: () => false,
  },
  flatMap: {
    twice: (n: number) => [n, n],
    'as many as it is': (n: number) => list(Number(n) % 4),
    many: (n: number) => (Number(n) === 6 ? list(1_500) : [n]),
    *'a generator that throws at 4'(n: number) {
      yield n
      if (Number(n) === 4) fail(n)
      yield Number(n) - 1
    },
    'no list at 8': (n: number) => (Number(n) === 8 ? (n as unknown as number[]) : [n]),
  },
  keyBy: {
    'modulo 3': (n: number) => Number(n) % 3,
    text: (n: number) => `key ${Number(n)}`,
    'NaN at 5': (n: number) => (Number(n) === 5 ? NaN : -0),
    'an object at 2': (n: number) => (Number(n) === 2 ? ({} as string) : true),
    'throws at 1': (n: number) => (Number(n) === 1 ? fail(n) : 'all'),
  },
}

interface Step {
  readonly kind: InnerKind
  readonly fn: string
  readonly onError: OnError
  /** Has a second taker, so that a segment ends behind it. */
  readonly isWatched: boolean
}

const anyStep: fc.Arbitrary<Step> = fc
  .oneof(
    ...(['map', 'filter', 'flatMap', 'keyBy'] as const).map((kind) =>
      fc.record({ kind: fc.constant(kind), fn: fc.constantFrom(...Object.keys(functions[kind])) }),
    ),
    fc.constant({ kind: 'union' as const, fn: '' }),
  )
  .chain((step) =>
    fc.record({
      ...{ kind: fc.constant(step.kind), fn: fc.constant(step.fn) },
      onError: fc.constantFrom<OnError>('skip', 'skip', 'skip', 'fail'),
      isWatched: fc.nat(5).map((one) => one === 0),
    }),
  )

const anyBatch: fc.Arbitrary<RecordBatch> = fc
  .record({
    values: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 }),
    hasKeys: fc.boolean(),
    hasOrigin: fc.boolean(),
    isChangelog: fc.nat(6).map((one) => one === 0),
  })
  .map(({ values, hasKeys, hasOrigin, isChangelog }) => ({
    values,
    timestamps: values.map((value, index) => value * 1_000 + index),
    ...(hasKeys && { keys: values.map((value) => `given ${value}`) }),
    ...(hasOrigin && { origin: { partition: 'p/0', positions: values.map((_, index) => index + 10) } }),
    ...(isChangelog && { changes: values.map((value) => (value % 2 === 0 ? 'insert' : 'delete')) }),
  }))

/** Runs a chain over batches, and tells of all that can be seen from outside. */
async function run(steps: readonly Step[], batches: readonly RecordBatch[], interpreted: boolean, slowEvery = 0) {
  const log: string[] = []
  const seen = new Map<string, unknown[]>()
  const inner = steps.map((step, index) => memberOf(step, `${step.kind}/${index} é`, log))
  const watchers = steps.map(({ isWatched }, index) =>
    isWatched || index === steps.length - 1 ? watcher(`watch ${index}`, seen, slowEvery) : undefined,
  )
  const root = watcher('root', new Map(), 0, true)
  const outputs = new Map<ChainMember, MemberOutputs>()
  for (const [index, member] of [root, ...inner].entries()) {
    const consumers = [...(inner[index] ? [inner[index]] : []), ...(watchers[index - 1] ? [watchers[index - 1]!] : [])]
    outputs.set(member, new Map([[undefined, { consumers, exchanges: [] }]]))
  }
  const members = [root, ...inner, ...watchers.filter((each) => each !== undefined)]
  const chain = new RunningChain({
    job: 'j',
    title: 'a test',
    members,
    outputs,
    onSideOutput: undefined,
    interpreted,
  })
  let error: unknown
  try {
    for (const batch of batches) await chain.process(batch, 0)
  } catch (thrown) {
    error = isLightflusError(thrown) ? { code: thrown.code, message: thrown.message, details: thrown.details } : thrown
  }
  return { error, rows: Object.fromEntries(seen), metrics: inner.map(({ metrics }) => metrics), log: log.sort() }
}

function memberOf({ kind, fn, onError }: Step, id: string, log: string[]): InnerMember {
  const own = (functions as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[kind]?.[fn]
  const definition = {
    node: { id, kind, named: true, options: {} },
    functions: kind === 'keyBy' ? { key: own } : { fn: own },
  } as unknown as OperatorDefinition
  const context = operatorContext(definition, { log, onError })
  const operator = createInnerOperator(kind, context as OperatorContext<InnerKind>)
  return { definition, metrics: context.metrics, failures: context.failures, operator }
}

/** Notes all that it is given; every so manyth batch it makes the chain wait, in which time it must be given none. */
function watcher(id: string, seen: Map<string, unknown[]>, slowEvery: number, passesOn = false): InnerMember {
  const rows: unknown[] = []
  seen.set(id, rows)
  let calls = 0
  let isBusy = false
  const definition = { node: { id, kind: 'sink' as OperatorKind, options: {} } } as unknown as OperatorDefinition
  const { metrics, failures } = operatorContext(definition)
  const operator = statelessOperator((batch, output) => {
    if (isBusy) throw new Error('called while it held the chain back')
    if (passesOn) return output.emit(batch)
    batch.values.forEach((value, index) =>
      rows.push({
        value,
        timestamp: batch.timestamps[index],
        key: batch.keys?.[index],
        change: batch.changes?.[index],
        origin: batch.origin && `${batch.origin.partition}@${batch.origin.positions[index]}`,
      }),
    )
    const lengths = [batch.timestamps, batch.keys, batch.changes, batch.origin?.positions].map((each) => each?.length)
    for (const length of lengths) if (length !== undefined) expect(length).toBe(batch.values.length)
    if (slowEvery === 0 || ++calls % slowEvery !== 0) return
    isBusy = true
    return Promise.resolve().then(() => {
      isBusy = false
    })
  })
  return { definition, metrics, failures, operator }
}

const singles = (batches: readonly RecordBatch[]): RecordBatch[] =>
  batches.flatMap((batch) =>
    batch.changes
      ? [batch]
      : batch.values.map((value, index) => ({
          values: [value],
          timestamps: [batch.timestamps[index]],
          ...(batch.keys && { keys: [batch.keys[index]] }),
          ...(batch.origin && { origin: { ...batch.origin, positions: [batch.origin.positions[index]] } }),
        })),
  )

/** Where several loops follow each other, a batch goes through the first one whole. */
const isOneLoop = (steps: readonly Step[]): boolean =>
  steps.slice(0, -1).every(({ isWatched }) => !isWatched) && steps.filter(({ kind }) => kind === 'flatMap').length <= 1

test('generated code gives what the operators one by one give', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 1, maxLength: 6 }),
      fc.array(anyBatch, { minLength: 1, maxLength: 4 }),
      fc.nat(2),
      async (steps, batches, slowEvery) => {
        const plain = await run(steps, batches, true, slowEvery)
        const generated = await run(steps, batches, false, slowEvery)
        if (plain.error === undefined) return expect(generated).toEqual(plain)
        expect(generated.error).toBeDefined()
        if (isOneLoop(steps) && batches.every(({ changes }) => !changes))
          expect(generated.error).toEqual((await run(steps, singles(batches), true)).error)
      },
    ),
    { numRuns: 500 },
  )
})
