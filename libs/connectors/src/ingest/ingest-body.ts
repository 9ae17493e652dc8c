import { LightflusError, type Graph, type Json } from '@lightflus/api'
import { shapeProblem, type Shape } from './shape-problem.ts'

/** A source of a graph that takes records over HTTP. */
export interface IngestEndpoint {
  readonly endpoint: string
  readonly bodyBytesMax: number
  /** Most that its log may hold, bytes. */
  readonly bytesMax: number
  /** What every record must be, as far as it is known. */
  readonly shape?: Shape
}

/** Problems that an answer lists at most. */
const problemsMax = 10
const keyLengthMax = 200

/** Where a graph takes records over HTTP. Several sources may read one endpoint: then its log holds what the least allows. */
export function ingestEndpoints({ operators }: Pick<Graph, 'operators'>): IngestEndpoint[] {
  const found = new Map<string, IngestEndpoint>()
  for (const { connector, options } of operators) {
    if (connector !== 'ingest') continue
    const source = options['connector'] as unknown as IngestEndpoint
    const other = found.get(source.endpoint)
    found.set(source.endpoint, {
      ...source,
      bodyBytesMax: Math.min(source.bodyBytesMax, other?.bodyBytesMax ?? Infinity),
      bytesMax: Math.min(source.bytesMax, other?.bytesMax ?? Infinity),
    })
  }
  return [...found.values()]
}

/** @throws LF_INGEST_ENDPOINT_UNKNOWN */
export function requireEndpoint(job: string, graph: Pick<Graph, 'operators'>, name: string): IngestEndpoint {
  const endpoints = ingestEndpoints(graph)
  const endpoint = endpoints.find((each) => each.endpoint === name)
  if (endpoint) return endpoint
  const known = endpoints.map((each) => each.endpoint)
  throw new LightflusError(
    'LF_INGEST_ENDPOINT_UNKNOWN',
    `Job ${job} takes no records at endpoint ${name}; ${known.length === 0 ? 'it takes none over HTTP' : `it does at: ${known.join(', ')}`}.`,
    { details: { job, endpoint: name, known } },
  )
}

/** What a request says of itself. */
export interface IngestHeaders {
  readonly contentType: string | undefined
  readonly idempotencyKey: string | undefined
}

export interface IngestBody {
  readonly records: readonly Uint8Array[]
  readonly key: string | undefined
}

/**
 * The records of a request: the body of `application/json` is one, of `application/x-ndjson` each line that is not blank.
 * @throws LF_INGEST_TOO_LARGE, LF_INGEST_MEDIA_TYPE, LF_REQUEST_INVALID for a key that is none, LF_INGEST_RECORDS
 */
export function readIngestBody(endpoint: IngestEndpoint, headers: IngestHeaders, body: Uint8Array): IngestBody {
  const { endpoint: name, bodyBytesMax } = endpoint
  if (body.byteLength > bodyBytesMax) throw bodyTooLarge(endpoint, body.byteLength)
  const key = headers.idempotencyKey
  if (key !== undefined && (key.length === 0 || key.length > keyLengthMax))
    throw new LightflusError('LF_REQUEST_INVALID', `Idempotency-Key: 1 to ${keyLengthMax} characters`)
  const isLines = hasLines(name, headers.contentType)
  const parts = isLines ? linesOf(body) : [{ line: 1, bytes: body }]
  const problems: string[] = []
  for (const { line, bytes } of parts) {
    const problem = problemOf(endpoint, bytes)
    if (problem !== undefined) problems.push(isLines ? `line ${line}: ${problem}` : problem)
    if (problems.length === problemsMax) break
  }
  if (parts.length === 0) problems.push('there is none')
  if (problems.length === 0) return { records: parts.map(({ bytes }) => bytes), key }
  throw new LightflusError('LF_INGEST_RECORDS', `Endpoint ${name} takes none of the request: ${problems.join('; ')}.`, {
    details: { endpoint: name, problems },
  })
}

/** @param bytes how many it has, where they have been counted */
export function bodyTooLarge({ endpoint, bodyBytesMax }: IngestEndpoint, bytes?: number): LightflusError {
  const has = bytes === undefined ? 'the body has more' : `the body has ${bytes}`
  return new LightflusError(
    'LF_INGEST_TOO_LARGE',
    `Endpoint ${endpoint} takes ${bodyBytesMax} bytes at a time; ${has}.`,
    { details: { endpoint, bodyBytesMax } },
  )
}

/** @throws LF_INGEST_MEDIA_TYPE */
function hasLines(endpoint: string, contentType: string | undefined): boolean {
  const type = contentType?.split(';')[0]!.trim().toLowerCase() ?? ''
  if (type === 'application/json') return false
  if (['application/x-ndjson', 'application/jsonl', 'application/x-jsonlines'].includes(type)) return true
  const what = type === '' ? 'a request must say which its body is' : `not ${type}`
  throw new LightflusError(
    'LF_INGEST_MEDIA_TYPE',
    `Endpoint ${endpoint} takes application/json and application/x-ndjson; ${what}.`,
    { details: { endpoint, contentType: type } },
  )
}

interface Part {
  /** From 1. */
  readonly line: number
  readonly bytes: Uint8Array
}

const newline = 0x0a
const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)

function linesOf(body: Uint8Array): Part[] {
  const parts: Part[] = []
  for (let start = 0, line = 1; start < body.byteLength; line += 1) {
    const found = body.indexOf(newline, start)
    const end = found === -1 ? body.byteLength : found
    const bytes = body.subarray(start, end)
    if (!isBlank(bytes)) parts.push({ line, bytes })
    start = end + 1
  }
  return parts
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function problemOf({ shape }: IngestEndpoint, bytes: Uint8Array): string | undefined {
  let value: Json
  try {
    value = JSON.parse(utf8.decode(bytes)) as Json
  } catch (thrown) {
    return thrown instanceof SyntaxError ? `is not JSON (${thrown.message})` : 'is not UTF-8'
  }
  const problem = shape && shapeProblem(shape, value)
  if (!problem) return undefined
  return problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`
}
