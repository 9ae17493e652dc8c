import fc from 'fast-check'
import { everything, nothing, type Demand } from '../../field-use/demand.ts'
import type { ScanDemand } from '../scan-types.ts'

/** Few, so that records, demands and duplicates meet; of all lengths about 16 bytes with quotes and colon. */
const names = [
  'a',
  'b',
  'id',
  'é',
  '日本',
  '',
  '7',
  '12345678901',
  'twelve_bytes',
  'thirteenBytes',
  'fourteen_bytes',
  'x'.repeat(29),
  'x'.repeat(30),
  'y'.repeat(70),
]
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...names) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'a"b', 'a\\', '\ud800', '\n') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
)

/** A character of a string as it may be written. */
const character = fc.oneof(
  { weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 1 }).map((text) => JSON.stringify(text).slice(1, -1)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('ü', '€', '😀', '\u2028', '\u007f', '\ufeff', '߿', 'ࠀ', '\uffff', '\u{10ffff}'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '\\"',
      '\\\\',
      '\\/',
      '\\b',
      '\\f',
      '\\n',
      '\\r',
      '\\t',
      '\\u0000',
      '\\u001f',
      '\\u001F',
      '\\u000a',
      '\\u000b',
      '\\u0041',
      '\\ud83d\\ude00',
      '\\ud800',
      '\\uDC00',
      '\\u2028',
    ),
  },
  { weight: 3, arbitrary: fc.string({ maxLength: 40 }).map((text) => JSON.stringify(text).slice(1, -1)) },
)
const stringText = fc.array(character, { maxLength: 12 }).map((parts) => `"${parts.join('')}"`)

const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength })
const numberText = fc.oneof(
  fc
    .oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
    )
    .map((number) => JSON.stringify(number)),
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.oneof(
        fc.constant('0'),
        digits(25).map((text) => text.replace(/^0+(?=.)/, '')),
      ),
      fc.oneof(
        fc.constant(''),
        digits(25).map((text) => `.${text}`),
        digits(6).map((text) => `.00000${text}`),
      ),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant('') },
        {
          weight: 1,
          arbitrary: fc
            .tuple(fc.constantFrom('e', 'E'), fc.constantFrom('', '+', '-'), fc.oneof(digits(2), digits(25)))
            .map((parts) => parts.join('')),
        },
      ),
    )
    .map((parts) => parts.join('')),
)

const blank = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 20 }) },
)

function listText(brackets: string, item: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(
      blank,
      fc.array(
        fc.tuple(item, blank, blank).map(([text, before, after]) => `${before}${text}${after}`),
        { maxLength: 6 },
      ),
    )
    .map(([inner, items]) => `${brackets[0]}${items.length === 0 ? inner : items.join(',')}${brackets[1]}`)
}

/** The name of a field as it may be written. */
const nameText = fc.oneof(
  { weight: 9, arbitrary: name.map((text) => JSON.stringify(text)) },
  {
    weight: 1,
    arbitrary: name.map(
      (text) =>
        `"${[...text].map((char) => (char.length > 1 ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)).join('')}"`,
    ),
  },
)

/** Valid JSON texts in all their forms. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'json' },
    fc.constantFrom('null', 'true', 'false', '0', '""', '1'),
    stringText,
    numberText,
    tie('object'),
    listText('[]', tie('value')),
  ),
  object: listText(
    '{}',
    fc
      .tuple(nameText, blank, blank, tie('value'))
      .map(([text, before, after, value]) => `${text}${before}:${after}${value}`),
  ),
})).object

/** Objects as programs write them: all fields once, in an order that seldom differs, and no blanks. */
export const ordinaryText: fc.Arbitrary<string> = fc
  .letrec<{ value: unknown; object: object }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'ordinary' },
      fc.constantFrom(null, true, false, 0, ''),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
      tie('object'),
      fc.array(tie('value'), { maxLength: 4 }),
    ),
    object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 8 }),
  }))
  .object.map((object) => JSON.stringify(object))

/** What may be left of a valid text on its way. */
export const damage: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc.oneof(
  { weight: 3, arbitrary: fc.constant((bytes: Uint8Array) => bytes) },
  { weight: 1, arbitrary: fc.nat().map((at) => (bytes: Uint8Array) => bytes.subarray(0, at % (bytes.length + 1))) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(), fc.nat(255)).map(
      ([at, byte]) =>
        (bytes: Uint8Array) =>
          bytes.with(at % bytes.length, byte),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(), fc.nat(7)).map(
      ([at, bit]) =>
        (bytes: Uint8Array) =>
          bytes.with(at % bytes.length, bytes[at % bytes.length] ^ (1 << bit)),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.nat(),
        fc.constantFrom(
          '\ufeff',
          ',',
          '}',
          '{',
          '"',
          '\\',
          '0',
          '.',
          '-',
          'e',
          '1',
          ' ',
          '\0',
          '\u000b',
          '\u00a0',
          ':',
          '[',
          ']',
          'null',
          '\u001f',
          '😀',
        ),
      )
      .map(([at, text]) => (bytes: Uint8Array) => {
        const place = at % (bytes.length + 1)
        return Uint8Array.from([
          ...bytes.subarray(0, place),
          ...new TextEncoder().encode(text),
          ...bytes.subarray(place),
        ])
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 }))
      .map(([at, more]) => (bytes: Uint8Array) => {
        const place = at % (bytes.length + 1)
        return Uint8Array.from([...bytes.subarray(0, place), ...more, ...bytes.subarray(place)])
      }),
  },
)

interface Tree {
  readonly demand: Demand
  readonly accepts: number | undefined
  /** Of each field also whether the demand has it, or only the schema. */
  readonly fields: readonly (readonly [string, Tree, boolean])[]
}

function scanDemandOf({ demand, accepts, fields }: Tree): ScanDemand {
  const inner = fields.map(([name, tree, isWanted]) => [name, scanDemandOf(tree), isWanted] as const)
  return {
    demand: {
      ...demand,
      fields: new Map(inner.filter(([, , isWanted]) => isWanted).map(([name, { demand }]) => [name, demand])),
    },
    ...(accepts !== undefined && { accepts }),
    fields: new Map(inner.map(([name, wanted]) => [name, wanted])),
  }
}

const flat = fc.constantFrom<Demand>(nothing, everything, { ...nothing, text: true }, { ...everything, text: true })
const accepts = (weight: number) =>
  fc.oneof(
    { weight: 10, arbitrary: fc.constant(undefined) },
    { weight, arbitrary: fc.nat(255).map((bits) => bits | 0xf0) },
  )

/** @param strictness how often kinds of values are refused. */
export const scanDemand = (strictness: number): fc.Arbitrary<ScanDemand> =>
  fc
    .letrec<{ tree: Tree; root: Tree }>((tie) => ({
      tree: fc.record({
        demand: flat,
        accepts: accepts(strictness),
        fields: fc.uniqueArray(
          fc.tuple(
            fc.constantFrom(...names),
            fc.oneof(
              { maxDepth: 3, depthIdentifier: 'demand' },
              fc.constant({ demand: everything, accepts: undefined, fields: [] }),
              tie('tree'),
            ),
            fc.boolean(),
          ),
          { maxLength: 4, selector: ([each]) => each },
        ),
      }),
      root: tie('tree'),
    }))
    .root.map((tree) => scanDemandOf(tree as Tree))
