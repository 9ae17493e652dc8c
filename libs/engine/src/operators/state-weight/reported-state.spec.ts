import { state, type Key, type OperatorDefinition, type ProcessSpec } from '@lightflus/api'
import { maxWatermark } from '../../record.ts'
import { createOperatorMetrics } from '../../subtask/metrics.ts'
import { createStateAccount, StateBudget } from '../../subtask/state-budget.ts'
import { operatorContext } from '../../testing/operator-context.ts'
import { testedProcess } from '../../testing/process-specs.ts'
import { createInnerOperator, type InnerKind } from '../create-operator.ts'
import type { Operator } from '../operator.ts'

// Goal: whatever an operator keeps of records is weighed, so that it ends its own job and not the process.

interface Case {
  readonly kind: InnerKind
  readonly options: Readonly<Record<string, unknown>>
  readonly functions: object
  /** Whether a last watermark leaves nothing. */
  readonly ends: boolean
}

const tumbling = { kind: 'tumbling', sizeMs: 1_000_000, offsetMs: 0, time: 'event' }
const combine = (left: unknown, right: unknown) => [left, right]
const collected = {
  create: () => [],
  add: (all: unknown[], value: unknown) => [...all, value],
  merge: (a: unknown[], b: unknown[]) => [...a, ...b],
  result: (all: unknown[]) => all,
  grows: true,
}
const window = { allowedLatenessMs: 0, lateOutput: null, trigger: null, panes: 'accumulating', keyed: true }
const aggregates = { options: { aggregates: ['all'] }, functions: { aggregates: { all: collected } } }
const specs = {
  value: state.value<unknown>(),
  list: state.list<unknown>(),
  map: state.map<number, unknown>(),
}
type Keeps = ProcessSpec<never, string, typeof specs, unknown>['onRecord']

const processOf = (onRecord: Keeps): Case => {
  const { options, functions } = testedProcess({ state: specs, onRecord })
  return { kind: 'process', options: options!, functions, ends: false }
}

const cases: Readonly<Record<string, Case>> = {
  join: {
    kind: 'join',
    options: { kind: 'inner', inputs: ['records', 'changelog'], ttlMs: 1e9 },
    functions: { combine },
    ends: false,
  },
  windowJoin: { kind: 'windowJoin', options: { kind: 'full', windower: tumbling }, functions: { combine }, ends: true },
  intervalJoin: {
    kind: 'intervalJoin',
    options: { kind: 'inner', fromMs: -10, toMs: 10 },
    functions: { combine },
    ends: true,
  },
  temporalJoin: { kind: 'temporalJoin', options: { kind: 'left' }, functions: { combine }, ends: true },
  topN: {
    kind: 'topN',
    options: { n: 1_000_000, order: 'descending', input: 'records' },
    functions: { by: ({ n }: Row) => n },
    ends: false,
  },
  'deduplicate last': { kind: 'deduplicate', options: { keep: 'last', ttlMs: null }, functions: {}, ends: false },
  'deduplicate first': { kind: 'deduplicate', options: { keep: 'first', ttlMs: 1e9 }, functions: {}, ends: false },
  distinctUntilChanged: { kind: 'distinctUntilChanged', options: { ttlMs: null }, functions: {}, ends: false },
  'process: values': processOf((record, { state: { value } }) => value.set(record)),
  'process: lists': processOf((record, { state: { list } }) => list.add(record)),
  'process: maps': processOf((record: Row, { state: { map } }) => map.set(record.n, record)),
  'session windows': {
    kind: 'window',
    options: { ...window, ...aggregates.options, windower: { kind: 'session', gapMs: 1_000_000 } },
    functions: aggregates.functions,
    ends: true,
  },
  'count windows': {
    kind: 'window',
    options: { ...window, ...aggregates.options, windower: { kind: 'count', size: 1e9, slide: 1e9 } },
    functions: aggregates.functions,
    ends: true,
  },
  aggregate: {
    kind: 'aggregate',
    options: { ...aggregates.options, emit: 'updates', input: 'records' },
    functions: aggregates.functions,
    ends: false,
  },
}

interface Row {
  readonly n: number
  readonly text: string
}

const output = { emit() {}, emitSide() {} }
const batchRecords = 100

function make({ kind, options, functions }: Case, bytesMax: number) {
  const definition = {
    node: { id: `${kind}-1`, kind, named: false, options: { ...options, onError: 'fail' } },
    functions,
  }
  const metrics = createOperatorMetrics(`${kind}-1`)
  const budget = new StateBudget(bytesMax)
  const account = createStateAccount({ job: 'test', operator: `${kind}-1`, metrics, budget })
  const operator = createInnerOperator(
    kind,
    operatorContext(definition as OperatorDefinition<InnerKind>, { metrics, state: account } as never) as never,
  )
  return { operator, metrics, budget }
}

/** Many keys with a record of about 1,000 bytes each. */
async function fill(operator: Operator, batches: number, keyOf: (n: number) => Key = (n) => `key ${n}`): Promise<void> {
  for (let batch = 0; batch < batches; batch++) {
    const ns = Array.from({ length: batchRecords }, (_, i) => batch * batchRecords + i)
    const values = ns.map((n): Row => ({ n, text: `${n} `.repeat(1_000 / `${n} `.length) }))
    await operator.processBatch({ values, timestamps: ns, keys: ns.map(keyOf) }, output, 0)
  }
}

describe.each(Object.entries(cases))('%s', (name, tested) => {
  const keepsRecords = name !== 'deduplicate first'
  const least = keepsRecords ? 900 : 60
  const most = keepsRecords ? 1_900 : 200

  test.each([
    ['of many keys', (n: number) => `key ${n}`],
    ['of few keys', (n: number) => n % 3],
  ])('what it holds %s is weighed', async (_, keyOf) => {
    const isOfKeys = /^(deduplicate|distinct|process: values)/.test(name)
    const { operator, metrics } = make(tested, 1e9)
    await fill(operator, 20, keyOf)
    // Some of the entries are weighed anew with each call.
    for (let call = 0; call < 10; call++) operator.onWatermark(1_000 + call, output)
    const held = isOfKeys ? new Set(Array.from({ length: 2_000 }, (_, n) => keyOf(n))).size : 2_000
    // A watermark has let some of them go, where it may.
    const kept = name === 'intervalJoin' || name === 'temporalJoin' ? held / 2 : held
    expect(metrics.stateEntries).toBeGreaterThan(0)
    expect(metrics.stateEntries).toBeLessThanOrEqual(2_000)
    expect(metrics.stateBytes).toBeGreaterThan(0.9 * kept * least)
    expect(metrics.stateBytes).toBeLessThan(1.2 * held * most)
  })

  test('too much of it ends the job, and says whose it is', async () => {
    const { operator } = make(tested, keepsRecords ? 500_000 : 50_000)
    await expect(fill(operator, 20)).rejects.toMatchObject({
      code: 'LF_STATE_TOO_LARGE',
      message: expect.stringContaining(`operator ${tested.kind}-1`) as string,
    })
  })

  test('what was let go of, or restored, counts', async () => {
    const { operator, metrics, budget } = make(tested, 1e9)
    await fill(operator, 5)
    const { subtask, keyGroups } = structuredClone(operator.snapshot()!)
    const again = make(tested, 1e9)
    again.operator.restore({ subtasks: [subtask], keyGroups })
    expect(again.metrics.stateEntries).toBe(metrics.stateEntries)
    expect(again.metrics.stateBytes).toBeGreaterThan(0.7 * metrics.stateBytes)
    expect(again.metrics.stateBytes).toBeLessThan(1.4 * metrics.stateBytes)
    expect(budget.bytes).toBe(metrics.stateBytes)
    if (!tested.ends) return
    await operator.onWatermark(maxWatermark, output)
    expect(metrics).toMatchObject({ stateEntries: 0, stateBytes: 0 })
  })
})

test('a timer of a process function is weighed', async () => {
  const { options, functions } = testedProcess({
    onRecord(n: number, { timers }) {
      timers.setEventTime(n)
    },
    onTimer: () => [],
  })
  const { operator, metrics } = make({ kind: 'process', options: options!, functions, ends: true }, 1e9)
  await operator.processBatch({ values: [5, 6], timestamps: [1, 2], keys: ['a', 'b'] }, output, 0)
  expect(metrics.stateEntries).toBe(2)
  expect(metrics.stateBytes).toBeGreaterThan(50)
  await operator.onWatermark(10, output)
  expect(metrics).toMatchObject({ stateEntries: 0, stateBytes: 0 })
})
