import type { SourceFunctions } from '@lightflus/api'
import { isPacked, payloadAt, type PackedPayloads, type SourceBatch } from '../connector.ts'
import type { RecordFailures } from '../operators/record-failures.ts'
import { createRefusals, type Phase, type Refusals } from '../operators/source/record-decoder.ts'
import type { RecordBatch } from '../record.ts'
import type { JsonScanner } from '../scan/scan-types.ts'
import { makesRecords, readerSource, type ReaderSteps } from './reader-source.ts'
import { functionOfText } from './source-text.ts'

/** Records of what was read, from one payload on. */
export interface ReadRecords {
  readonly batch: RecordBatch
  /** The newest event time in it; noTimestamp if there is none. */
  readonly newest: number
  /** The first payload that is not in it. */
  readonly next: number
}

export interface ReaderOptions {
  readonly functions: SourceFunctions
  readonly failures: RecordFailures
  /** Whose it is: see `compileSegment`. */
  readonly title: string
  /** Of what is wanted of the records, where they are JSON and not all of them is. */
  readonly scanner: JsonScanner | undefined
  /** Counts records that the scanner has left to be decoded. */
  readonly onPlain: (count: number) => void
}

/** What the generated text calls. */
interface ReaderRuntime {
  readonly decode: SourceFunctions['decode']
  readonly validate: ((value: unknown) => unknown) | undefined
  readonly eventTime: SourceFunctions['eventTime']
  readonly accept: Refusals['accept']
  readonly refuseTime: Refusals['refuseTime']
  readonly payloadAt: typeof payloadAt
  readonly scanned: Uint8Array | undefined
  readonly record: JsonScanner['record'] | undefined
  reject(thrown: unknown, phase: Phase, index: number): void
}

type ReaderLoop = (
  payloads: SourceBatch['payloads'],
  givenTimes: readonly number[] | undefined,
  first: number,
  count: number,
) => {
  /** Empty where payloads are the values. */
  readonly values: unknown[]
  readonly times: number[]
  /** Row of the scan for each value, or -1 for one that was decoded. Empty without a scan. */
  readonly rows: number[]
  readonly skipped: number[]
  readonly newest: number
  readonly plain: number
}

/**
 * A source's decoding, validating and dating as one loop, which equals `createRecordDecoder`. What is scanned instead of
 * decoded has only the fields that are wanted of it.
 * @returns undefined where code must not be made of text.
 */
export function compileReader(options: ReaderOptions): ((read: SourceBatch, from: number) => ReadRecords) | undefined {
  const { functions, failures, title, scanner } = options
  const { decode, schema, eventTime } = functions
  const refusals = createRefusals(failures)
  let source: SourceBatch
  const runtime: ReaderRuntime = {
    ...{ decode, eventTime, payloadAt },
    validate: schema && ((value) => schema['~standard'].validate(value)),
    accept: refusals.accept,
    refuseTime: refusals.refuseTime,
    scanned: scanner?.columns.scanned,
    record: scanner?.record,
    reject: (thrown, phase, index) =>
      refusals.reject(thrown, phase, { partition: source.partition, position: source.positions[index] }),
  }
  const loopOf = (scans: boolean, isMade = false) => {
    const steps: ReaderSteps = {
      decodes: !!decode && !isMade,
      validates: !!schema && !isMade,
      dates: !!eventTime,
      scans,
    }
    const own = scans ? `${title}, scanned` : isMade ? `${title}, made` : title
    const loop = functionOfText<ReaderRuntime, ReaderLoop>(readerSource(own, steps), runtime)
    return loop && { loop, isMaking: makesRecords(steps) }
  }
  const plain = loopOf(false)
  const scanning = scanner && loopOf(true)
  let made: typeof plain
  if (plain === undefined) return undefined

  return (read, from) => {
    source = read
    const { partition, payloads, positions, timestamps } = read
    if (scanner !== undefined && isPacked(payloads)) {
      const count = scanner.scan(payloads, from, payloads.length)
      const { values, times, rows, skipped, newest, plain: left } = scanning!.loop(payloads, timestamps, from, count)
      options.onPlain(left)
      const origin = { partition, positions: without(positions.slice(from, from + count), skipped) }
      const batch = { values, timestamps: times, origin, scanned: { columns: scanner.columns, rows } }
      return { batch, newest, next: from + count }
    }
    const all = isPacked(payloads) ? views(payloads) : payloads
    if (read.isWanted) made ??= loopOf(false, true)
    const reading = read.isWanted ? made! : plain
    const { values, times, skipped, newest } = reading.loop(all, timestamps, 0, all.length)
    const origin = { partition, positions: without(positions, skipped) }
    const batch = { values: reading.isMaking ? values : without(all, skipped), timestamps: times, origin }
    return { batch, newest, next: all.length }
  }
}

const views = (payloads: PackedPayloads): unknown[] =>
  Array.from({ length: payloads.length }, (_, index) => payloadAt(payloads, index))

/** All but those at these indices, which rise. */
function without<T>(all: readonly T[], skipped: readonly number[]): readonly T[] {
  if (skipped.length === 0) return all
  const left = new Set(skipped)
  return all.filter((_, index) => !left.has(index))
}
