import type { StandardSchema } from '@lightflus/api'
import fc from 'fast-check'
import { z } from 'zod'
import type { PackedPayloads } from '../connector.ts'
import { createJsonScanner } from '../scan/json-scanner.ts'
import { valueKind } from '../scan/scan-types.ts'
import { everything, project, type Demand } from './demand.ts'
import { scanDemandOf, withFiniteNumbers } from './scan-demand.ts'
import { structureOf, type Structure } from './structure.ts'

// Goal: a structure accepts what its schema accepts, and what is seen of it is what the schema lets pass.

const names = ['a', 'b', 'c', '1', 'long name'] as const

const anySchema: fc.Arbitrary<z.ZodType> = fc.letrec<{ schema: z.ZodType; object: z.ZodType }>((tie) => ({
  schema: fc
    .oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constantFrom<z.ZodType>(z.string(), z.number(), z.boolean(), z.null(), z.unknown(), z.any()),
      tie('object'),
    )
    .chain((inner) => fc.constantFrom(inner, inner, inner.optional(), inner.nullable(), inner.nullish())),
  object: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), tie('schema')), { selector: ([name]) => name, maxLength: 4 })
    .map((shape) => z.object(Object.fromEntries(shape))),
})).object

const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, false, 0, -1.5, 1e300, 'text', '', [], [1]),
    tie('object'),
  ),
  object: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names, 'other', 'toString'), tie('value')), { selector: ([name]) => name })
    .map((fields) => Object.fromEntries(fields)),
})).object

/** JSON that a structure accepts, or almost. */
function fitting(structure: Structure): fc.Arbitrary<unknown> {
  const { accepts, fields } = structure
  const kinds: fc.Arbitrary<unknown>[] = []
  if (fields) {
    const known = Object.fromEntries([...fields].map(([name, field]) => [name, fitting(field)]))
    kinds.push(fc.record(known, { requiredKeys: [] }), fc.record(known), fc.record({ other: fc.nat(), ...known }))
  }
  if (accepts & (1 << valueKind.string)) kinds.push(fc.string())
  if (accepts & (1 << valueKind.number)) kinds.push(fc.double({ noNaN: true, noDefaultInfinity: true }))
  if (accepts & (1 << valueKind.true)) kinds.push(fc.boolean())
  if (accepts & (1 << valueKind.null)) kinds.push(fc.constant(null))
  return fc.oneof(...kinds)
}

/** What a structure lets pass of a value; undefined: it refuses it. */
function passing({ accepts, fields, isFinite }: Structure, value: unknown): { readonly seen: unknown } | undefined {
  if ((accepts & (1 << kindOf(value))) === 0 || (isFinite && value === Infinity)) return undefined
  if (!fields || typeof value !== 'object' || value === null) return { seen: value }
  const seen: Record<string, unknown> = {}
  for (const [name, field] of fields) {
    const own = Object.hasOwn(value, name) ? value[name as keyof typeof value] : undefined
    const passed = passing(field, own)
    if (passed === undefined) return undefined
    if (Object.hasOwn(value, name)) seen[name] = passed.seen
  }
  return { seen }
}

function kindOf(value: unknown): number {
  if (value === undefined) return valueKind.missing
  if (value === null) return valueKind.null
  if (typeof value === 'boolean') return value ? valueKind.true : valueKind.false
  if (typeof value === 'number') return valueKind.number
  if (typeof value === 'string') return valueKind.string
  return Array.isArray(value) ? valueKind.array : valueKind.object
}

function validated(schema: StandardSchema, value: unknown): { readonly seen: unknown } | undefined {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) throw new Error('async')
  return result.issues ? undefined : { seen: result.value }
}

const anyCase = anySchema.chain((schema) => {
  const structure = structureOf(schema as StandardSchema)
  const values = fc.array(fc.oneof(anyJson, structure ? fitting(structure) : anyJson), { minLength: 1, maxLength: 6 })
  return fc.record({ schema: fc.constant(schema as StandardSchema), values })
})

const shown = (passed: { readonly seen: unknown } | undefined) => passed && JSON.stringify(passed)

/** Fields in their order, those that are undefined, too. */
const listed = (value: unknown) =>
  JSON.stringify(value, (_name, each: unknown) => (each === undefined ? '<undefined>' : each))

test('a structure accepts and shows what its schema does', () => {
  let accepted = 0
  fc.assert(
    fc.property(anyCase, ({ schema, values }) => {
      const structure = structureOf(schema)!
      for (const value of values) {
        const expected = shown(validated(schema, value))
        if (expected !== undefined) accepted++
        expect(shown(passing(structure, value))).toBe(expected)
      }
    }),
    { numRuns: 500 },
  )
  expect(accepted).toBeGreaterThan(200)
})

function packed(texts: readonly string[]): PackedPayloads {
  const pieces = texts.map((text) => new TextEncoder().encode(text))
  const ends = Int32Array.from(pieces, ({ length }, at) => pieces.slice(0, at).reduce((n, p) => n + p.length, length))
  const starts = ends.map((end, at) => end - pieces[at].length)
  return { length: texts.length, bytes: Uint8Array.from(pieces.flatMap((piece) => [...piece])), starts, ends }
}

const scannerOf = (structure: Structure, demand: Demand, checks: 'all' | 'used' = 'all') => {
  const scanner = createJsonScanner(scanDemandOf(demand, structure, checks), { title: 'structure', host: {} })
  return scanner && withFiniteNumbers(scanner, structure)
}

/** Of a schema, what is wanted of some of its fields. */
function someOf({ fields }: Structure, picks: Iterator<number>): Demand {
  const wanted = [...(fields ?? [])].flatMap(([name, field]): [string, Demand][] => {
    switch (picks.next().value) {
      case 0:
        return []
      case 1:
        return [[name, everything]]
      default:
        return [[name, someOf(field, picks)]]
    }
  })
  return { whole: false, text: false, fields: new Map([...wanted, ['unknown', everything]]) }
}

test('what is scanned by it is what the schema lets pass, and what it refuses is left to it', () => {
  let scanned = 0
  fc.assert(
    fc.property(anyCase, fc.infiniteStream(fc.nat(2)), fc.boolean(), ({ schema, values }, picks, isWhole) => {
      const structure = structureOf(schema)!
      const demand = isWhole ? everything : someOf(structure, picks)
      const scanner = scannerOf(structure, demand)
      if (scanner === undefined) return
      expect(scanner.scan(packed(values.map((value) => JSON.stringify(value))), 0, values.length)).toBe(values.length)
      for (const [row, value] of values.entries()) {
        if (scanner.columns.scanned[row] === 0) continue
        scanned++
        const passed = validated(schema, value)
        // A missing field is made as undefined, which toEqual takes for the same; of wholes none is missing.
        const expected = passed && project(passed.seen, demand)
        expect(passed).toBeDefined()
        if (isWhole) expect(listed(scanner.record(row))).toBe(listed(expected))
        else expect(scanner.record(row)).toEqual(expected)
      }
    }),
    { numRuns: 150 },
  )
  expect(scanned).toBeGreaterThan(50)
})

test('a number beyond all numbers is left to the schema, which refuses it', () => {
  const structure = structureOf(z.object({ n: z.number(), any: z.unknown() }))!
  const scanner = scannerOf(structure, everything)!
  const texts = ['{"n":1e999,"any":1}', '{"n":0.30000000000000004,"any":1e999}', `{"n":-1${'0'.repeat(400)},"any":1}`]
  scanner.scan(packed(texts), 0, texts.length)
  expect([...scanner.columns.scanned.subarray(0, 3)]).toEqual([0, 1, 0])
  expect(scanner.record(1)).toEqual({ n: 0.30000000000000004, any: Infinity })
})

test('where only what is used is asked about, the rest may be anything', () => {
  const structure = structureOf(z.object({ a: z.string(), b: z.number() }))!
  const demand: Demand = { whole: false, text: false, fields: new Map([['a', everything]]) }
  const texts = ['{"a":"x","b":"no number"}', '{"a":"x"}', '{"a":1,"b":1}']
  const scannedBy = (checks: 'all' | 'used') => {
    const scanner = scannerOf(structure, demand, checks)!
    scanner.scan(packed(texts), 0, texts.length)
    return [...scanner.columns.scanned.subarray(0, 3)]
  }
  expect([scannedBy('all'), scannedBy('used')]).toEqual([
    [0, 0, 0],
    [1, 1, 0],
  ])
})

const inObject = (schema: z.ZodType) => z.object({ a: schema })
test.each<[string, StandardSchema | z.ZodType]>([
  ['checks', inObject(z.string().min(1))],
  ['a format', inObject(z.iso.datetime())],
  ['whole numbers', inObject(z.int())],
  ['a bound', inObject(z.number().positive())],
  ['refine', inObject(z.string()).refine(() => true)],
  ['superRefine', inObject(z.string()).superRefine(() => {})],
  ['transform', inObject(z.string().transform(Number))],
  ['overwrite', inObject(z.string().trim())],
  ['preprocess', inObject(z.preprocess(String, z.string()))],
  ['pipe', inObject(z.string().pipe(z.string()))],
  ['a codec', inObject(z.stringbool())],
  ['coerce', inObject(z.coerce.number())],
  ['default', inObject(z.string().default('x'))],
  ['prefault', inObject(z.string().prefault('x'))],
  ['catch', inObject(z.string().catch('x'))],
  ['readonly', inObject(z.string()).readonly()],
  ['lazy', inObject(z.lazy(() => z.string()))],
  ['a getter', z.object({ get a() { return z.string().min(1) } })], // prettier-ignore
  ['literal', inObject(z.literal('x'))],
  ['enum', inObject(z.enum(['x', 'y']))],
  ['union', inObject(z.union([z.string(), z.number()]))],
  ['intersection', inObject(z.string()).and(z.object({ b: z.string() }))],
  ['array', inObject(z.array(z.string()))],
  ['tuple', inObject(z.tuple([z.string()]))],
  ['record', inObject(z.record(z.string(), z.string()))],
  ['date', inObject(z.date())],
  ['custom', inObject(z.custom(() => true))],
  ['exactOptional', inObject(z.exactOptional(z.string()))],
  ['strict', z.strictObject({ a: z.string() })],
  ['loose', z.looseObject({ a: z.string() })],
  ['catchall', inObject(z.string()).catchall(z.number())],
  ['a name that all objects have', z.object({ toString: z.string() })],
  ['async', inObject(z.string().refine(async () => Promise.resolve(true)))],
  ['another library', { '~standard': { version: 1, vendor: 'valibot', validate: (value: unknown) => ({ value }) } }],
  [
    'one that only says it is zod',
    { '~standard': { version: 1, vendor: 'zod', validate: (value: unknown) => ({ value }) } },
  ],
  ['one whose validate was put in its place', tampered()],
])('no structure: %s', (_name, schema) => {
  expect(structureOf(schema as StandardSchema)).toBeUndefined()
})

function tampered(): StandardSchema {
  const schema = inObject(z.string())
  const validate = (value: unknown) => ({ value })
  return { _zod: schema._zod, '~standard': { version: 1, vendor: 'zod', validate } } as unknown as StandardSchema
}

test('what only describes a schema leaves it what it is', () => {
  for (const a of [z.string().describe('x'), z.string().meta({ id: 'an-id' }), z.string().brand(), z.string('words')])
    expect(structureOf(inObject(a))?.fields?.get('a')).toEqual({ accepts: 1 << valueKind.string })
})
