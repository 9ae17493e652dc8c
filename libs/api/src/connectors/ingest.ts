import type { SourceDeclaration } from '../definition.ts'
import { LightflusError } from '../errors/lightflus-error.ts'
import { decoding, isValueFormat, type ValueFormat } from '../formats.ts'
import { fitting, optional, resolveOptions, text, whole } from '../internal/options.ts'
import { recordShape } from '../internal/record-shape.ts'
import { sourceTime, sourceTimeRules, timeFunctions, type SourceTimeOptions } from '../source-time.ts'
import { validating, validationForm, validationRule, type ValidationOptions } from '../validation.ts'

const mebibyte = 1_048_576
const logBytesMin = 16 * mebibyte
/** So that the segments which always stay never fill half of a log. */
const bodiesPerLogMin = 64

export interface IngestSourceOptions<T> extends ValidationOptions {
  /**
   * What the address ends with that records are posted to: lower-case letters, digits and hyphens. It also names the log, so
   * a source that keeps its endpoint reads on where it was, whatever its operator is called.
   */
  readonly endpoint: string
  /** A schema (of JSON), or `json()`. What its JSON Schema says of types and fields is checked before a request is accepted. */
  readonly value: ValueFormat<T>
  /** Most that the body of one request may have, bytes: 1 KiB to 4 MiB. Default 1 MiB. */
  readonly bodyBytesMax?: number
  /**
   * Most that the log may hold, bytes: records that are not read yet, and those that checkpoints may need again. Beyond it
   * requests are refused for a while. 16 MiB to 64 GiB, and at least 64 bodies. Default 256 MiB.
   */
  readonly bytesMax?: number
}

const rules = {
  ...sourceTimeRules,
  endpoint: text(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and hyphens; 63 at most'),
  value: fitting(isValueFormat, 'a schema or a format'),
  validate: validationRule,
  bodyBytesMax: optional(whole(1_024, 4 * mebibyte), mebibyte),
  bytesMax: optional(whole(logBytesMin, 65_536 * mebibyte), 256 * mebibyte),
}

/**
 * Records that are posted to the job over HTTP. A request is answered once its records are in the job's own log, and each is
 * then read exactly once in terms of the job's state. A record's timestamp is when it was accepted.
 */
function source<T>(options: IngestSourceOptions<T> & SourceTimeOptions<NoInfer<T>>): SourceDeclaration<T> {
  const resolved = resolveOptions('ingest.source', options, rules)
  const { endpoint, value, validate, bodyBytesMax, bytesMax } = resolved
  const format = value as ValueFormat<T>
  const functions = decoding(format)
  if (functions.format !== 'json')
    throw new LightflusError('LF_PROGRAM_OPTION', 'ingest.source: value must be a schema, or json().')
  if (bytesMax < bodiesPerLogMin * bodyBytesMax)
    throw new LightflusError(
      'LF_PROGRAM_OPTION',
      `ingest.source: bytesMax must be at least ${bodiesPerLogMin} times bodyBytesMax, ${bodiesPerLogMin * bodyBytesMax}.`,
    )
  const shape = validate === 'off' ? null : recordShape(format)
  return {
    connector: 'ingest',
    bounded: false,
    options: {
      ...sourceTime('ingest.source', resolved, false),
      ...validationForm('ingest.source', validate, format),
      connector: { endpoint, bodyBytesMax, bytesMax, ...(shape && { shape }) },
    },
    functions: { ...validating(validate, functions), ...timeFunctions(resolved) },
  }
}

/** Records that are posted to the job over HTTP, kept in a log of the job's own. */
export const ingest = { source }
