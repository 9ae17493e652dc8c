import type { Key, OnError, OperatorDefinition, OperatorKind } from '@lightflus/api'
import type { OperatorFunctions } from '@lightflus/api'
import { keyGroupCount } from '../key-group.ts'
import type { Operator, OperatorContext, Output } from '../operators/operator.ts'
import { createRecordFailures } from '../operators/record-failures.ts'
import { maxWatermark, minWatermark, noTimestamp, type RecordBatch } from '../record.ts'
import { createOperatorMetrics, type OperatorMetrics } from '../subtask/metrics.ts'

/** How to make the operator that a table is about, and what stands beside it. */
export interface TestedOperator<Kind extends OperatorKind> {
  readonly kind: Kind
  readonly create: (context: OperatorContext<Kind>) => Operator
  readonly functions: OperatorFunctions[Kind]
  readonly options?: Readonly<Record<string, unknown>>
  readonly onError?: OnError
}

export interface TableRun {
  readonly operator: Operator
  readonly metrics: OperatorMetrics
  readonly log: string[]
}

export function makeOperator<Kind extends OperatorKind>(tested: TestedOperator<Kind>): TableRun {
  const { kind, create, functions, options = {}, onError = 'fail' } = tested
  const id = `${kind}-1`
  const metrics = createOperatorMetrics(id)
  const log: string[] = []
  const operator = {
    node: { id, kind, named: false, options: { ...options, onError } },
    functions,
  } as OperatorDefinition<Kind>
  const failures = createRecordFailures({
    job: 'test',
    operator: id,
    onError,
    metrics,
    log: (_level, message) => log.push(message),
  })
  return { operator: create({ job: 'test', operator, metrics, failures }), metrics, log }
}

/**
 * Runs an operator by a table, in several ways that must not differ: batches as written, every record on its own, a
 * snapshot and restore before every line, and an output that holds back.
 *
 * ```
 * in   a:1@5 b:2@6      a batch: key, value as JSON, event time (`:1` has no key, `a:1` no event time)
 * wm   10               a watermark (`max` for the last one)
 * out  {"n":1}@9        what was emitted since, one record a line, in order
 * ```
 * @returns metrics of the run with batches as written.
 */
export async function runTable<Kind extends OperatorKind>(tested: TestedOperator<Kind>, table: string) {
  const written = await runOnce(tested, table, {})
  await runOnce(tested, table, { single: true })
  await runOnce(tested, table, { restoring: true })
  await runOnce(tested, table, { single: true, restoring: true, holdingBack: true })
  return written
}

interface Way {
  readonly single?: boolean
  readonly restoring?: boolean
  readonly holdingBack?: boolean
}

async function runOnce<Kind extends OperatorKind>(tested: TestedOperator<Kind>, table: string, way: Way) {
  const emitted: string[] = []
  const output: Output = {
    emit(batch) {
      batch.values.forEach((value, i) => emitted.push(withTime(JSON.stringify(value), batch.timestamps[i])))
      return way.holdingBack ? Promise.resolve() : undefined
    },
  }
  let run = makeOperator(tested)
  await run.operator.open()
  for (const line of linesOf(table)) {
    if (way.restoring) run = await restored(tested, run)
    if (line.verb === 'in') {
      for (const batch of way.single ? line.batches : [joined(line.batches)])
        await run.operator.processBatch(batch, output)
    } else if (line.verb === 'wm') await run.operator.onWatermark(line.watermark, output)
    else expect({ way, emitted: emitted.splice(0) }).toEqual({ way, emitted: line.rows })
  }
  expect({ way, emitted }).toEqual({ way, emitted: [] })
  return run
}

async function restored<Kind extends OperatorKind>(tested: TestedOperator<Kind>, run: TableRun): Promise<TableRun> {
  const state = structuredClone(run.operator.snapshot())
  const next = makeOperator(tested)
  if (state) {
    for (const keyGroup of state.keyGroups.keys()) expect(keyGroup).toBeLessThan(keyGroupCount)
    next.operator.restore({ subtasks: [state.subtask], keyGroups: state.keyGroups })
  }
  await next.operator.open()
  return { ...next, metrics: Object.assign(next.metrics, run.metrics) }
}

type Line =
  | { readonly verb: 'in'; readonly batches: RecordBatch[] }
  | { readonly verb: 'wm'; readonly watermark: number }
  | { readonly verb: 'out'; readonly rows: string[] }

function linesOf(table: string): Line[] {
  const lines: Line[] = []
  for (const text of table.split('\n').map((each) => each.trim())) {
    if (text === '') continue
    const verb = text.split(/\s+/, 1)[0]
    const rest = text.slice(verb.length).trim()
    const last = lines.at(-1)
    if (verb === 'in') lines.push({ verb, batches: rest.split(/\s+/).map(parseRecord) })
    else if (verb === 'wm') lines.push({ verb, watermark: rest === 'max' ? maxWatermark : Number(rest) })
    else if (verb !== 'out') throw new Error(`A table has no line '${text}'.`)
    else if (last?.verb === 'out') last.rows.push(rest)
    else lines.push({ verb, rows: rest === '' ? [] : [rest] })
  }
  return lines
}

/** A batch of one record, which is known by the operator to have come from `p@<its text>`. */
function parseRecord(text: string): RecordBatch {
  const [, key, json, time] = /^([^:]*):(.*?)(?:@(-?\d+))?$/.exec(text)!
  const timestamp = time === undefined ? noTimestamp : Number(time)
  return {
    values: [JSON.parse(json)],
    timestamps: [timestamp],
    ...(key === '' ? {} : { keys: [key as Key] }),
    origin: { partition: 'p', positions: [text] },
  }
}

function joined(batches: readonly RecordBatch[]): RecordBatch {
  const keys = batches.flatMap(({ keys: own }) => own ?? [])
  return {
    values: batches.flatMap(({ values }) => values),
    timestamps: batches.flatMap(({ timestamps }) => timestamps),
    ...(keys.length === 0 ? {} : { keys }),
    origin: { partition: 'p', positions: batches.flatMap(({ origin }) => origin!.positions) },
  }
}

function withTime(json: string, timestamp: number): string {
  return timestamp === minWatermark ? json : `${json}@${timestamp}`
}
