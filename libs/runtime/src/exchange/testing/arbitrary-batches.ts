import fc from 'fast-check'
import { changeKinds } from '@lightflus/api'
import type { RecordBatch } from '@lightflus/engine'

/** Lone surrogates, texts beyond Latin 1, texts of either side of the length above which another form is used. */
const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('\ud800', '\udc00', 'é', '"', '\u2028', 'a'), maxLength: 14 }),
  fc.constantFrom('', 'a', 'toJSON', '__proto__'),
)
const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-0, 0, NaN, 2 ** 31, -(2 ** 31), Infinity))
const fieldName = fc.oneof(
  fc.constantFrom('id', 'at', 'user', '__proto__', 'constructor', 'toString', '1', '0', "it's", 'a\nb', '`', ''),
  fc.string({ maxLength: 6 }),
)
const odd = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withNullPrototype: true,
  withUnicodeString: true,
  maxDepth: 2,
})

/** Values that have something in common, as records of a stream do: an arbitrary for each of the batch. */
const { shape } = fc.letrec<{ shape: fc.Arbitrary<unknown> }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<fc.Arbitrary<unknown>>(
      text,
      number,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
      fc.constantFrom('a', 'b', 'c'),
      fc.option(fc.integer()),
      fc.constantFrom(1, 'one', true, null, undefined),
      odd,
    ),
    fc
      .array(fc.tuple(fieldName, tie('shape')), { maxLength: 5 })
      .map((fields) =>
        fc
          .tuple(...fields.map(([, each]) => each))
          .map((values) => withFields(fields.map(([name], i) => [name, values[i]]))),
      ),
    tie('shape').map((item) => fc.array(item, { maxLength: 4 })),
    fc.tuple(tie('shape'), tie('shape')).map((each) => fc.oneof(...each)),
  ),
}))

function withFields(fields: readonly (readonly [string, unknown])[]): unknown {
  const made = {}
  for (const [name, value] of fields)
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true })
  return made
}

const time = fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger())
const key = fc.oneof(text, number, fc.boolean())
const keyShapes = fc.constantFrom<fc.Arbitrary<string | number | boolean>>(key, fc.integer(), fc.constantFrom('x', 'y'))

/** Most alike, some not. */
const anyBatches: fc.Arbitrary<RecordBatch[]> = fc
  .tuple(shape, shape, keyShapes, fc.boolean(), fc.boolean())
  .chain(([usual, other, keys, keyed, changes]) =>
    fc.array(
      fc
        .tuple(fc.constantFrom(usual, usual, usual, other), fc.integer({ min: 1, max: 80 }), fc.boolean())
        .chain(([values, length, areCounted]) =>
          fc.record<RecordBatch>({
            values: fc.array(values, { minLength: length, maxLength: length }),
            timestamps: fc.array(time, { minLength: length, maxLength: length }),
            ...(keyed && { keys: fc.array(keys, { minLength: length, maxLength: length }) }),
            ...(areCounted && { counts: fc.array(fc.nat(), { minLength: length, maxLength: length }) }),
            ...(changes && {
              changes: fc.array(fc.constantFrom(...changeKinds), { minLength: length, maxLength: length }),
            }),
          } as { [name in keyof RecordBatch]-?: fc.Arbitrary<never> }),
        ),
      { maxLength: 4 },
    ),
  )

interface Visit {
  id: number
  at: number
  user: string
  isNew: boolean
  tags: string[]
  place: { x: number; y: number }
  note: unknown
}
const visit: fc.Arbitrary<Visit> = fc.record(
  {
    id: fc.integer(),
    at: fc.double({ noInteger: true }),
    user: text,
    isNew: fc.boolean(),
    tags: fc.array(text, { maxLength: 3 }),
    place: fc.record({ x: fc.integer(), y: fc.constant(0) }, { noNullPrototype: true }),
    note: fc.constantFrom(new Date(5), 'none', undefined),
  },
  { noNullPrototype: true },
)

class Stranger {
  readonly id = 1
}

/** Ways in which a record may differ a little from those that were seen before. */
const changed: readonly ((visit: Visit) => unknown)[] = [
  (each) => ({ ...each, id: -0 }),
  (each) => ({ ...each, id: 2 ** 31 }),
  (each) => ({ ...each, id: String(each.id) }),
  (each) => ({ ...each, at: 1n }),
  (each) => ({ ...each, user: undefined }),
  (each) => ({ ...each, isNew: 1 }),
  (each) => ({ ...each, more: 1 }),
  ({ tags: _, ...fewer }) => fewer,
  ({ note: _, ...fewer }) => fewer,
  ({ id, ...others }) => ({ ...others, id }),
  (each) => Object.assign(Object.create(null), each),
  (each) => Object.assign(new Stranger(), each),
  (each) => Object.assign(new Date(0), each),
  (each) => ({ ...each, place: Object.assign(new Map(), each.place) }),
  (each) => ({ ...each, place: { ...each.place, z: 0 } }),
  (each) => ({ ...each, place: { ...each.place, y: -0 } }),
  (each) => ({ ...each, place: null }),
  (each) => Object.create(each) as unknown,
  (each) => ({ ...each, tags: Object.assign(['a'], { index: 1 }) }),
  (each) => ({ ...each, tags: new Array(2) }),
  (each) => ({ ...each, tags: Object.assign(new Array(2), { 1: 'b', more: 1 }) }),
  (each) => ({ ...each, tags: [...each.tags, 1] }),
  () => null,
  () => 7,
]

/** Records of one type, and then one among them that is not of it. */
const almostAlike: fc.Arbitrary<RecordBatch[]> = fc
  .tuple(
    fc.array(visit, { minLength: 2, maxLength: 60 }),
    fc.constantFrom(...changed),
    fc.nat(),
    fc.constantFrom('id', 'user', 'y'),
  )
  .map(([visits, change, at, keyed]) => {
    const keys = visits.map((each) => (keyed === 'y' ? each.place.y : each[keyed as 'id' | 'user']))
    const timestamps = visits.map((each) => each.id)
    const odd = visits.map((each, index) => (index === at % visits.length ? change(each) : each))
    const oddKeys = keys.map((each) => (each === 0 ? -0 : each))
    return [
      { values: visits, timestamps, keys },
      { values: odd, timestamps, keys },
      { values: visits, timestamps, keys: oddKeys },
    ]
  })

/** Batches on one channel, one after another. */
export const batches: fc.Arbitrary<RecordBatch[]> = fc.oneof(anyBatches, almostAlike)
