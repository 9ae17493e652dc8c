import { inspect, isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { PackedPayloads } from '../connector.ts'
import type { Demand } from '../field-use/demand.ts'
import { createJsonScanner } from './json-scanner.ts'
import { plainMakers } from './record-maker.ts'
import { textFlag, valueKind, type JsonScanner, type ScanDemand } from './scan-types.ts'
import { decodeTexts } from './text-reader.ts'
import { damage, jsonText, ordinaryText, scanDemand } from './testing/json-texts.ts'

/** How many random cases; LIGHTFLUS_SCAN_CASES for a long run, LIGHTFLUS_SCAN_SEED to see one again. */
const numRuns = Number(process.env['LIGHTFLUS_SCAN_CASES'] ?? 200)
const seed = process.env['LIGHTFLUS_SCAN_SEED']
const parameters = { numRuns, ...(seed !== undefined && { seed: Number(seed) }) }

const timeout = 60_000 + numRuns * 200

const payload = fc.tuple(jsonText, damage).map(([text, damaged]) => damaged(new TextEncoder().encode(text)))

function packed(payloads: readonly (Uint8Array | null)[], gap: Uint8Array): PackedPayloads {
  const starts: number[] = []
  const ends: number[] = []
  const parts: number[] = []
  for (const each of payloads) {
    parts.push(...gap)
    starts.push(each === null ? -1 : parts.length)
    if (each) parts.push(...each)
    ends.push(each === null ? 0 : parts.length)
  }
  return {
    length: payloads.length,
    bytes: Uint8Array.from(parts),
    starts: Int32Array.from(starts),
    ends: Int32Array.from(ends),
  }
}

/** As the plain path reads it. */
function parse(bytes: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown }
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function kindOf(value: unknown): number {
  if (value === undefined) return valueKind.missing
  if (value === null) return valueKind.null
  if (typeof value === 'boolean') return value ? valueKind.true : valueKind.false
  if (typeof value === 'number') return valueKind.number
  if (typeof value === 'string') return valueKind.string
  return Array.isArray(value) ? valueKind.array : valueKind.object
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, name) => (isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined), value)
}

/** What nobody who wants no more than the demand can tell from the value; of mere texts only whether they are empty. */
function project(value: unknown, demand: Demand): unknown {
  if (demand.whole) return value
  const { fields } = demand
  if (isObject(value))
    return Object.fromEntries([...fields].map(([name, inner]) => [name, project(at(value, [name]), inner)]))
  if (fields.size > 0) return value
  return typeof value === 'string' ? value !== '' : Array.isArray(value) ? [] : value
}

/** The same of what a scanner has made. */
function blur(made: unknown, demand: Demand): unknown {
  if (demand.whole) return made
  if (isObject(made)) {
    same(Object.keys(made).toSorted(), [...demand.fields.keys()].toSorted(), 'fields')
    return Object.fromEntries([...demand.fields].map(([name, inner]) => [name, blur(made[name], inner)]))
  }
  return typeof made === 'string' && demand.fields.size === 0 ? made !== '' : made
}

/** Jest's own comparisons would take most of the time of so many. */
function same(found: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(found, expected)) throw new Error(`${what}: ${inspect(found)} instead of ${inspect(expected)}`)
}

function expectAccepted({ accepts = -1, fields }: ScanDemand, value: unknown): void {
  same((accepts >> kindOf(value)) & 1, 1, 'accepted')
  if (isObject(value)) for (const [name, wanted] of fields) expectAccepted(wanted, at(value, [name]))
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function expectRow(scanner: JsonScanner, wanted: ScanDemand, row: number, value: unknown): void {
  const { columns, slots } = scanner
  expectAccepted(wanted, value)
  for (const [slot, { path }] of slots.entries()) {
    const expected = at(value, path)
    same(columns.kinds[slot][row], kindOf(expected), 'kind')
    if (expected === undefined) continue
    const text = decoder.decode(columns.bytes.subarray(columns.starts[slot][row], columns.ends[slot][row]))
    same(JSON.parse(text), expected, 'text')
    const number = columns.numbers[slot][row]
    if (typeof expected === 'number' && !Number.isNaN(number)) same(number, expected, 'number')
    const flags = columns.flags[slot][row]
    if (flags & textFlag.canonical) same(text, JSON.stringify(expected), 'canonical text')
    if (typeof expected !== 'string') continue
    same((flags & textFlag.unescaped) !== 0, !text.includes('\\'), 'unescaped')
    same((flags & textFlag.ascii) !== 0, /^[\x20-\x7f]*$/.test(text), 'ascii')
  }
  const expected = project(value, wanted.demand)
  same(blur(scanner.record(row), wanted.demand), expected, 'record')
  // Where code must not be made of text.
  const [plain] = plainMakers(slots, columns, decodeTexts(columns.bytes))
  same(blur(plain(row), wanted.demand), expected, 'plain record')
}

/** Scans all, as often as it takes; tells how many rows it left to the plain path. */
function scanAll(
  scanner: JsonScanner,
  wanted: ScanDemand,
  payloads: readonly (Uint8Array | null)[],
  gap: Uint8Array,
): number {
  const all = packed(payloads, gap)
  let left = 0
  for (let from = 0; from < payloads.length;) {
    const rows = scanner.scan(all, from, payloads.length)
    same(rows > 0, true, 'goes on')
    for (let row = 0; row < rows; row++) {
      const bytes = payloads[from + row]
      const parsed = bytes === null ? undefined : parse(bytes)
      if (scanner.columns.scanned[row] === 0) left++
      else {
        if (parsed === undefined) throw new Error(`Scanned, though it is not JSON: ${new TextDecoder().decode(bytes!)}`)
        expectRow(scanner, wanted, row, parsed.value)
      }
    }
    from += rows
  }
  return left
}

const scannerFor = (wanted: ScanDemand) => createJsonScanner(wanted, { title: 'property', host: {} })!

test(
  'what is scanned equals what JSON.parse makes',
  () => {
    fc.assert(
      fc.property(
        scanDemand(2),
        fc.array(fc.option(payload, { freq: 20 }), { minLength: 1, maxLength: 12 }),
        fc.uint8Array({ maxLength: 3 }),
        (wanted, payloads, gap) => {
          const scanner = scannerFor(wanted)
          scanAll(scanner, wanted, payloads, gap)
          // Again, with all layouts learned.
          scanAll(scanner, wanted, payloads.toReversed(), gap)
        },
      ),
      parameters,
    )
  },
  timeout,
)

test(
  'ordinary objects are never left to the plain path',
  () => {
    fc.assert(
      fc.property(scanDemand(0), fc.array(ordinaryText, { minLength: 1, maxLength: 12 }), (wanted, texts) => {
        const payloads = texts.map((text) => new TextEncoder().encode(text))
        expect(scanAll(scannerFor(wanted), wanted, payloads, Uint8Array.of(0))).toBe(0)
      }),
      parameters,
    )
  },
  timeout,
)
