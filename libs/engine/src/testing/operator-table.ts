import type { ChangeKind, Key, OnError, OperatorDefinition, OperatorFunctions, OperatorKind } from '@lightflus/api'
import { keyGroupCount } from '../key-group.ts'
import type { Operator, OperatorContext, Output } from '../operators/operator.ts'
import { maxWatermark, minWatermark, noTimestamp, type RecordBatch } from '../record.ts'
import type { StateStore } from '../state-store/state-store.ts'
import type { OperatorMetrics } from '../subtask/metrics.ts'
import { operatorContext } from './operator-context.ts'
import { VirtualHost } from './virtual-host.ts'

/** How to make the operator that a table is about, and what stands beside it. */
export interface TestedOperator<Kind extends OperatorKind> {
  readonly kind: Kind
  readonly create: (context: OperatorContext<Kind>) => Operator
  readonly functions: OperatorFunctions[Kind]
  readonly options?: Readonly<Record<string, unknown>>
  readonly onError?: OnError
  /** Default false: results come early and late, too. */
  readonly bounded?: boolean
  /** Default: state is in memory. */
  readonly openStateStore?: () => StateStore
}

export interface TableRun {
  readonly operator: Operator
  readonly metrics: OperatorMetrics
  readonly log: string[]
}

export function makeOperator<Kind extends OperatorKind>(
  tested: TestedOperator<Kind>,
  host = new VirtualHost(),
): TableRun {
  const { kind, create, functions, options = {}, onError = 'fail', bounded = false, openStateStore } = tested
  const log: string[] = []
  const operator = {
    node: { id: `${kind}-1`, kind, named: false, options: { ...options, onError } },
    functions,
  } as OperatorDefinition<Kind>
  const context = operatorContext(operator, { onError, bounded, host, log, openStateStore })
  return { operator: create(context), metrics: context.metrics, log }
}

/**
 * Runs an operator by a table, in several ways that must not differ: batches as written, every record on its own, a
 * snapshot and restore before every line, and an output that holds back.
 *
 * ```
 * in   a:1@5 b:2@6      a batch: key, value as JSON, event time (`:1` has no key, `a:1` no event time)
 * in1  a:1@5            a batch by the second input; `in` is the first; behind a `-`, `<` or `>` (`-a:1@5`) stands a record
 *                       that is a delete, an updateBefore, an updateAfter
 * wm   10               a watermark (`max` for the last one)
 * now  500              the host's clock is at so many milliseconds
 * end                   the input ends
 * out  {"n":1}@9        what was emitted since, one record a line, in order; `-`, `<`, `>` as above
 * out  late: {"n":1}@9  the same of the side output `late`
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
  const take = (prefix: string, batch: RecordBatch) => {
    batch.values.forEach((value, i) =>
      emitted.push(
        prefix + signs[batch.changes?.[i] ?? 'insert'] + withTime(JSON.stringify(value), batch.timestamps[i]),
      ),
    )
    return way.holdingBack ? Promise.resolve() : undefined
  }
  const output: Output = { emit: (batch) => take('', batch), emitSide: (name, batch) => take(`${name}: `, batch) }
  const host = new VirtualHost()
  let run = makeOperator(tested, host)
  await run.operator.open()
  for (const line of linesOf(table)) {
    if (way.restoring) run = await restored(tested, run, host)
    if (line.verb === 'in') {
      for (const batch of way.single ? singles(line.batches) : [joined(line.batches)])
        await run.operator.processBatch(batch, output, line.input)
    } else if (line.verb === 'wm') await run.operator.onWatermark(line.watermark, output)
    else if (line.verb === 'end') await run.operator.endInput(output)
    else if (line.verb === 'now') await atTime(run.operator, host, line.now, output)
    else expect({ way, emitted: emitted.splice(0) }).toEqual({ way, emitted: line.rows })
  }
  expect({ way, emitted }).toEqual({ way, emitted: [] })
  return run
}

async function atTime(operator: Operator, host: VirtualHost, now: number, output: Output): Promise<void> {
  host.advanceTo(now)
  while ((operator.processingTimeDue?.() ?? Infinity) <= now) await operator.onProcessingTime!(now, output)
}

async function restored<Kind extends OperatorKind>(
  tested: TestedOperator<Kind>,
  run: TableRun,
  host: VirtualHost,
): Promise<TableRun> {
  const state = structuredClone(run.operator.snapshot())
  const next = makeOperator(tested, host)
  if (state) {
    for (const keyGroup of state.keyGroups.keys()) expect(keyGroup).toBeLessThan(keyGroupCount)
    next.operator.restore({ subtasks: [state.subtask], keyGroups: state.keyGroups })
  }
  await next.operator.open()
  return { ...next, metrics: Object.assign(next.metrics, run.metrics) }
}

type Line =
  | { readonly verb: 'in'; readonly input: number; readonly batches: RecordBatch[] }
  | { readonly verb: 'now'; readonly now: number }
  | { readonly verb: 'wm'; readonly watermark: number }
  | { readonly verb: 'end' }
  | { readonly verb: 'out'; readonly rows: string[] }

function linesOf(table: string): Line[] {
  const lines: Line[] = []
  for (const text of table.split('\n').map((each) => each.trim())) {
    if (text === '') continue
    const verb = text.split(/\s+/, 1)[0]
    const rest = text.slice(verb.length).trim()
    const last = lines.at(-1)
    if (/^in\d?$/.test(verb))
      lines.push({ verb: 'in', input: Number(verb.slice(2)), batches: rest.split(/\s+/).map(parseRecord) })
    else if (verb === 'end') lines.push({ verb })
    else if (verb === 'now') lines.push({ verb, now: Number(rest) })
    else if (verb === 'wm') lines.push({ verb, watermark: rest === 'max' ? maxWatermark : Number(rest) })
    else if (verb !== 'out') throw new Error(`A table has no line '${text}'.`)
    else if (last?.verb === 'out') last.rows.push(rest)
    else lines.push({ verb, rows: rest === '' ? [] : [rest] })
  }
  return lines
}

const signs: Readonly<Record<ChangeKind, string>> = { insert: '', delete: '-', updateBefore: '<', updateAfter: '>' }

/** A batch of one record, which is known by the operator to have come from `p@<its text>`. */
function parseRecord(text: string): RecordBatch {
  const [, sign, key, json, time] = /^([-<>]?)([^:]*):(.*?)(?:@(-?\d+))?$/.exec(text)!
  const timestamp = time === undefined ? noTimestamp : Number(time)
  const change = (Object.keys(signs) as ChangeKind[]).find((kind) => signs[kind] === sign)!
  return {
    values: [JSON.parse(json)],
    timestamps: [timestamp],
    ...(key === '' ? {} : { keys: [key as Key] }),
    ...(sign === '' ? {} : { changes: [change] }),
    origin: { partition: 'p', positions: [text] },
  }
}

/** Each record in a batch of its own, and each update, which is never cut in two. */
function singles(batches: readonly RecordBatch[]): RecordBatch[] {
  const cut: RecordBatch[] = []
  for (const batch of batches) {
    const before = cut.at(-1)
    const isUpdate = batch.changes?.[0] === 'updateAfter' && before?.changes?.[0] === 'updateBefore'
    if (isUpdate) cut[cut.length - 1] = joined([before, batch])
    else cut.push(batch)
  }
  return cut
}

function joined(batches: readonly RecordBatch[]): RecordBatch {
  const keys = batches.flatMap(({ keys: own }) => own ?? [])
  return {
    values: batches.flatMap(({ values }) => values),
    timestamps: batches.flatMap(({ timestamps }) => timestamps),
    ...(keys.length === 0 ? {} : { keys }),
    ...(batches.some(({ changes }) => changes) && {
      changes: batches.map(({ changes }): ChangeKind => changes?.[0] ?? 'insert'),
    }),
    origin: { partition: 'p', positions: batches.flatMap(({ origin }) => origin!.positions) },
  }
}

function withTime(json: string, timestamp: number): string {
  return timestamp === minWatermark ? json : `${json}@${timestamp}`
}
