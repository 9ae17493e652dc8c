import { isLightflusError, type JobDefinition, type Key } from '@lightflus/api'
import { testJob, type OutputRecord, type TestJob, type TestJobOptions } from '../../index.ts'
import { parseExample, signs, type ExampleStep, type ExpectedRow } from './example-script.ts'

export interface ExampleRun {
  /** The lines as they stand on the page. */
  readonly written: readonly string[]
  /** The same with what really came out in place of what did not fit: equal where all is well. */
  readonly seen: readonly string[]
}

export interface ExampleWay {
  /** Default 1. */
  readonly parallelism?: number
  /** Whether the job is stopped before every line and goes on from its snapshot. Default false. */
  readonly isRestarted?: boolean
}

/** Does with a job what the lines of its example say. */
export async function runExample(job: JobDefinition, script: string, way: ExampleWay = {}): Promise<ExampleRun> {
  const { parallelism = 1, isRestarted = false } = way
  const steps = parseExample(script)
  const names = namesOf(job)
  const options: TestJobOptions = {
    parallelism,
    watermarks: steps.some((step) => step.verb === 'wm' && step.time === 'source') ? 'source' : 'test',
    lookups: lookupsOf(steps, names.lookup),
  }
  let test = await testJob(job, options)
  const rows = new Map(names.sinks.map((sink) => [sink, [] as OutputRecord[]]))
  const seen: string[] = []
  let failure: unknown
  for (const step of steps) {
    if (step.verb === 'out') seen.push(seenRow(step, rows.get(step.sink ?? names.sinks[0])))
    else if (step.verb === 'error') {
      seen.push(failure === undefined ? 'error nothing: the job goes on' : seenError(step, failure))
      failure = undefined
    } else {
      if (failure !== undefined) throw failure
      seen.push(step.text)
      if (isRestarted) test = await testJob(job, { ...options, restore: await test.snapshot() })
      failure = await perform(test, step, names.source).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      for (const [sink, waiting] of rows) waiting.push(...test.outputRecords(sink))
    }
  }
  if (failure !== undefined) throw failure
  for (const [sink, waiting] of rows) for (const row of waiting) seen.push(`out:${sink} ${showRow(row)}`)
  return { written: steps.map(({ text }) => text), seen }
}

function namesOf(job: JobDefinition) {
  const { operators } = job.build().graph
  const of = (kind: string) => operators.filter((operator) => operator.kind === kind).map(({ id }) => id)
  return { source: of('source')[0], sinks: of('sink'), lookup: of('lookup')[0] }
}

function lookupsOf(steps: readonly ExampleStep[], first: string): Record<string, Map<Key, unknown>> {
  const lookups: Record<string, Map<Key, unknown>> = first === undefined ? {} : { [first]: new Map() }
  for (const step of steps)
    if (step.verb === 'lookup') (lookups[step.operator ?? first] ??= new Map()).set(step.key as Key, step.found)
  return lookups
}

async function perform(test: TestJob, step: ExampleStep, firstSource: string): Promise<void> {
  const source = 'source' in step ? (step.source ?? firstSource) : firstSource
  switch (step.verb) {
    case 'in':
      return test.input(source).push(step.value, step.at === undefined ? {} : { at: step.at })
    case 'payload':
      return test.input(source).pushPayload(new TextEncoder().encode(step.payload))
    case 'wm':
      if (step.time === 'source') return
      return step.source === undefined ? test.watermark(step.time) : test.input(source).watermark(step.time)
    case 'end':
      return step.source === undefined ? test.finish() : test.input(source).end()
    case 'now':
      return test.advance(step.time - test.now)
    case 'lookup':
    case 'out':
    case 'error':
  }
}

function seenRow(step: ExampleStep & { readonly verb: 'out' }, waiting: OutputRecord[] | undefined): string {
  const start = step.sink === undefined ? 'out' : `out:${step.sink}`
  if (waiting === undefined) return `${start} nothing: there is no sink of that name`
  const row = waiting.shift()
  if (row === undefined) return `${start} nothing`
  return fits(step.row, row) ? step.text : `${start} ${showRow(row)}`
}

function seenError(step: ExampleStep & { readonly verb: 'error' }, failure: unknown): string {
  if (!isLightflusError(failure)) throw failure
  return failure.code === step.code ? step.text : `error ${failure.code}: ${failure.message}`
}

function fits({ change, value, isPartial, at }: ExpectedRow, row: OutputRecord): boolean {
  if (change !== row.change || (at !== undefined && at !== row.timestamp)) return false
  const seen = JSON.parse(JSON.stringify(row.value)) as object
  const known = isPartial
    ? Object.fromEntries(Object.entries(seen).filter(([name]) => name in (value as object)))
    : seen
  return sorted(known) === sorted(value)
}

/** The one text of a value: fields in the order of the alphabet. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )

const showRow = ({ change, value, timestamp }: OutputRecord): string =>
  `${signs[change]}${JSON.stringify(value)}${timestamp === null ? '' : ` @${timestamp}`}`
