import type { SinkDeclaration, SourceDeclaration } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { decoding, isValueFormat, text as textFormat, type ValueFormat } from '../formats.ts'
import { fitting, fn, oneOf, optional, resolveOptions, text } from '../internal/options.ts'
import type { StandardSchema } from '../schema.ts'
import { sourceTime, sourceTimeRules, timeFunctions, type SourceTimeOptions } from '../source-time.ts'
import { validating, validationForm, validationRule, type ValidationOptions } from '../validation.ts'

interface Path {
  /**
   * A file, a folder (every file in it) or a pattern such as `data/*.jsonl`. Relative to where the job runs. Files of lines
   * and of CSV whose names end in `.gz` or `.zst` are decompressed.
   */
  readonly path: string
}

const isStandardSchema = (value: unknown): value is StandardSchema =>
  isValueFormat(value) && '~standard' in (value as object)

const isColumns = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  new Set(value).size === value.length &&
  value.every((name) => typeof name === 'string' && name !== '')

const sourceRules = {
  ...sourceTimeRules,
  path: text(),
  format: optional(oneOf('jsonl', 'csv', 'text', 'parquet'), 'jsonl' as const),
  value: optional(fitting(isValueFormat, 'a schema or a format'), undefined),
  validate: validationRule,
  columns: optional(fitting(isColumns, 'names of columns, each once'), undefined),
}

/** JSON lines: one JSON value a line, validated by `value`. */
function source<T>(
  options: Path &
    ValidationOptions &
    SourceTimeOptions<NoInfer<T>> & { readonly format?: 'jsonl'; readonly value: ValueFormat<T> },
): SourceDeclaration<T>
/** CSV with a header line: every row an object of texts by column, which `value` validates and may convert. */
function source<T>(
  options: Path & SourceTimeOptions<NoInfer<T>> & { readonly format: 'csv'; readonly value: StandardSchema<any, T> },
): SourceDeclaration<T>
/** Parquet: every row an object of values by column, which `value` validates and may convert. */
function source<T>(
  options: Path &
    SourceTimeOptions<NoInfer<T>> & {
      readonly format: 'parquet'
      readonly value: StandardSchema<any, T>
      /** The columns to read; the others are not decoded. Default: all. */
      readonly columns?: readonly string[]
    },
): SourceDeclaration<T>
/** Plain lines. */
function source(options: Path & SourceTimeOptions<string> & { readonly format: 'text' }): SourceDeclaration<string>
function source(options: object): SourceDeclaration<any> {
  const resolved = resolveOptions('files.source', options, sourceRules)
  const { path, format, value, columns, validate } = resolved
  // The connector makes an object of a row itself: nothing is left to decode.
  const isRows = format === 'csv' || format === 'parquet'
  const required = {
    value: fitting(isRows ? isStandardSchema : isValueFormat, isRows ? 'a schema' : 'a schema or a format'),
  }
  if (format !== 'text') resolveOptions('files.source', { value }, required)
  if (columns && format !== 'parquet')
    throw new LightflusError('LF_PROGRAM_OPTION', "files.source: columns goes with the format 'parquet' alone.")
  const functions =
    format === 'text'
      ? { decode: textFormat().decode }
      : isRows
        ? { schema: value as StandardSchema }
        : decoding(value!)
  return {
    connector: 'files',
    bounded: true,
    options: {
      ...sourceTime('files.source', resolved, true),
      ...validationForm('files.source', validate, value),
      connector: { path, format, ...(columns ? { columns } : {}) },
    },
    functions: { ...validating(validate, functions), ...timeFunctions(resolved) },
  }
}

export interface FilesSinkOptions<T> {
  /**
   * The file to append to; `-` is standard output. Each subtask above the first adds its number to the name. Exactly once: the
   * name after which parts are named.
   */
  readonly path: string
  /** Default `'jsonl'`. CSV takes its columns from the first record. */
  readonly format?: 'jsonl' | 'csv'
  /** What is written of a record. Default: the record. */
  readonly row?: (record: T) => object
  /**
   * The folder below that of the path in which a record's file lies, such as `day=2026-01-31/hour=07`; it is made when it
   * is not there. For JSON lines only. Default: that of the path.
   */
  readonly folder?: (record: T) => string
  /**
   * `'exactly-once'`: each checkpoint's lines are files of their own, `totals-1f0c5a7be2d9-0000000012-0.jsonl`, which
   * appear, whole, once it exists. `'at-least-once'`: lines are appended to the file at once, and again after a restart. Default:
   * exactly once where checkpoints survive the loss of the process; standard output, devices and pipes always at least once.
   */
  readonly delivery?: 'exactly-once' | 'at-least-once'
}

const sinkRules = {
  path: text(),
  format: optional(oneOf('jsonl', 'csv'), 'jsonl' as const),
  row: optional(fn<(record: any) => object>(), undefined),
  folder: optional(fn<(record: any) => string>(), undefined),
  delivery: optional(oneOf('exactly-once', 'at-least-once'), null),
}

function sink<T>(options: FilesSinkOptions<T>): SinkDeclaration<T, 'inserts'> {
  const { path, format, row, folder, delivery } = resolveOptions('files.sink', options, sinkRules)
  if (folder && (format === 'csv' || path === '-'))
    throw new LightflusError(
      'LF_PROGRAM_OPTION',
      'files.sink: folder goes with JSON lines in a file, and with nothing else.',
    )
  if (delivery === 'exactly-once' && path === '-')
    throw new LightflusError('LF_PROGRAM_OPTION', 'files.sink: standard output cannot be written exactly once.')
  return {
    accepts: 'inserts',
    connector: 'files',
    options: { connector: { path, format, delivery } },
    functions: { ...(row ? { row } : {}), ...(folder ? { folder } : {}) },
  }
}

/** Files of JSON lines, CSV, plain lines or Parquet. As a source bounded: the job ends after the last record. */
export const files = { source, sink }
