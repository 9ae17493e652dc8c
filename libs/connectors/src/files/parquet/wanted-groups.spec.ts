import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { project, valueKind, type Demand, type ScanDemand } from '@lightflus/engine'
import fc from 'fast-check'
import { withFolder } from '../../testing/temporary-folder.ts'
import { ParquetFile } from '../parquet-file.ts'

let instance: DuckDBInstance
let duck: DuckDBConnection
beforeAll(async () => {
  instance = await DuckDBInstance.create()
  duck = await instance.connect()
})
afterAll(() => {
  duck.closeSync()
  instance.closeSync()
})

const types = {
  id: 'BIGINT',
  small: 'INTEGER',
  flag: 'BOOLEAN',
  half: 'DOUBLE',
  name: 'VARCHAR',
  nest: 'STRUCT(a BIGINT, b VARCHAR, deep STRUCT(c DOUBLE, d VARCHAR))',
} as const

type Row = { readonly [name: string]: unknown }

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 8 })
const someText = fc.oneof(
  fc.constantFrom('', 'a', 'bid', 'x'.repeat(200), 'grüße', '北京'),
  fc.string({ maxLength: 40 }),
)
const aText = someText.map((text) => text.replaceAll('\0', '0'))
const someLong = fc.oneof(
  { weight: 30, arbitrary: fc.maxSafeInteger() },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 53, -(2 ** 53)) },
)
const aRow: fc.Arbitrary<Row> = fc.record({
  id: orNull(someLong),
  small: orNull(fc.integer()),
  flag: orNull(fc.boolean()),
  half: orNull(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((half) => half + 0)),
  name: orNull(aText),
  nest: orNull(
    fc.record({
      a: orNull(fc.integer()),
      b: orNull(aText),
      deep: orNull(fc.record({ c: orNull(fc.constantFrom(0.5, 1e100)), d: orNull(aText) })),
    }),
  ),
})

/** What is wanted of a value, and whether it may be null. */
interface Wish {
  readonly isNullable: boolean
  readonly use: 'made' | 'checked' | 'unknown'
}
const aWish = fc.record({
  isNullable: fc.boolean(),
  use: fc.constantFrom('made' as const, 'made' as const, 'checked' as const, 'unknown' as const),
})
const allNullable = { isNullable: true }
const wishes = fc
  .tuple(fc.array(aWish, { minLength: 11, maxLength: 11 }), fc.boolean())
  .map(([each, isTolerant]) => (isTolerant ? each.map((wish) => ({ ...wish, ...allNullable })) : each))

const bits = (...kinds: (keyof typeof valueKind)[]) => kinds.reduce((sum, kind) => sum | (1 << valueKind[kind]), 0)

function wantedOf(given: readonly Wish[]): ScanDemand {
  const [id, small, flag, half, name, nest, a, b, deep, c, d] = given as [
    Wish,
    Wish,
    Wish,
    Wish,
    Wish,
    Wish,
    Wish,
    Wish,
    Wish,
    Wish,
    Wish,
  ]
  const number = leaf(bits('number'))
  const text = leaf(bits('string'))
  return object({
    id: number(id),
    small: number(small),
    flag: leaf(bits('true', 'false'))(flag),
    half: number(half),
    name: text(name),
    nest: [nest, object({ a: number(a), b: text(b), deep: [deep, object({ c: number(c), d: text(d) }, deep)] }, nest)],
  })
}

type Wished = readonly [Wish, ScanDemand]

const leaf =
  (accepts: number) =>
  (wish: Wish): Wished => [
    wish,
    {
      demand: { whole: wish.use === 'made', text: false, fields: new Map() },
      accepts: accepts | (wish.isNullable ? bits('null') : 0),
      fields: new Map(),
    },
  ]

function object(fields: { readonly [name: string]: Wished }, { isNullable }: Partial<Wish> = {}): ScanDemand {
  const known = Object.entries(fields).filter(([, [wish]]) => wish.use !== 'unknown')
  const made = known.filter(([, [wish]]) => wish.use === 'made')
  const demand: Demand = {
    whole: false,
    text: false,
    fields: new Map(made.map(([name, [, field]]) => [name, field.demand])),
  }
  const accepts = bits('object') | (isNullable ? bits('null') : 0)
  return { demand, accepts, fields: new Map(known.map(([name, [, field]]) => [name, field])) }
}

/** The plain version of what the file is asked for. */
function isAccepted(value: unknown, { accepts = -1, fields }: ScanDemand): boolean {
  if (value === null) return (accepts & bits('null')) !== 0
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value === 'bigint') return false
  return [...fields].every(([name, field]) => isAccepted((value as Row)[name], field))
}

const anOptions = fc.record({
  codec: fc.constantFrom('snappy', 'zstd', 'gzip', 'uncompressed', 'brotli'),
  version: fc.constantFrom('V1', 'V2'),
  dictionary: fc.constantFrom(1, 20, 100_000),
})

async function write(
  rows: readonly Row[],
  times: number,
  path: string,
  options: { codec: string; version: string; dictionary: number },
) {
  await writeFile(`${path}.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const columns = Object.entries(types).map(([name, type]) => `${name}: '${type}'`)
  await duck.run(`COPY (
      SELECT r.* REPLACE (CASE WHEN half = 0.25 THEN 'nan'::DOUBLE ELSE half END AS half)
      FROM read_json('${path}.jsonl', format = 'newline_delimited', columns = {${columns.join(', ')}}) r, range(${times})
    ) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048, COMPRESSION ${options.codec}, PARQUET_VERSION ${options.version},
      DICTIONARY_SIZE_LIMIT ${options.dictionary})`)
}

async function read(path: string, wanted?: ScanDemand) {
  const file = await ParquetFile.open(path, { wanted }, 0)
  const rows: { readonly value: unknown; readonly isWanted: boolean; readonly position: unknown }[] = []
  let bytes = 0
  try {
    while (await file.read())
      for (let batch = file.take(700); batch; batch = file.take(700)) {
        const { payloads, positions, isWanted = false } = batch
        bytes += batch.bytes
        for (const [at, value] of (payloads as unknown[]).entries())
          rows.push({ value, isWanted, position: positions[at] })
      }
  } finally {
    await file.close()
  }
  return { rows, bytes }
}

describe('wanted columns of Parquet', () => {
  it('give the records that whole rows give, of what is wanted', async () => {
    let [ofColumns, ofRows] = [0, 0]
    await fc.assert(
      fc.asyncProperty(
        fc.array(aRow, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 120 }),
        wishes,
        anOptions,
        (rows, times, given, options) =>
          withFolder(async (folder) => {
            const path = join(folder, 'a.parquet')
            await write(rows, times, path, options)
            const wanted = wantedOf(given)
            const plain = await read(path)
            const made = await read(path, wanted)
            expect(made.rows.map(({ position }) => position)).toEqual(plain.rows.map(({ position }) => position))
            const whole = plain.rows.map(({ value }) => value)
            const isOfColumns = made.rows.map(({ isWanted }) => isWanted)
            const expected = whole.map((value, at) => (isOfColumns[at] ? project(value, wanted.demand) : value))
            expect(made.rows.map(({ value }) => value)).toEqual(expected)
            expect(whole.filter((value, at) => isOfColumns[at] && !isAccepted(value, wanted))).toEqual([])
            if (isOfColumns.includes(true)) ofColumns++
            if (isOfColumns.includes(false)) ofRows++
          }),
      ),
      { numRuns: 60 },
    )
    expect(ofColumns).toBeGreaterThan(5)
    expect(ofRows).toBeGreaterThan(5)
  })

  it('reads no other columns', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.parquet')
      const row = { id: 1, small: 2, flag: true, half: 0.5, name: 'n'.repeat(50), nest: null }
      await write([row], 3_000, path, { codec: 'snappy', version: 'V1', dictionary: 1 })
      const small = { isNullable: true, use: 'made' } as const
      const unknown = { isNullable: true, use: 'unknown' } as const
      const { rows, bytes } = await read(path, wantedOf([unknown, small, ...Array.from({ length: 9 }, () => unknown)]))
      expect(rows.every(({ isWanted }) => isWanted)).toBe(true)
      expect(rows.at(-1)!.value).toEqual({ small: 2 })
      expect(bytes).toBeLessThan((await read(path)).bytes / 3)
    }))

  it('fails as the plain way does, or not at all, whatever byte of a file is damaged', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'a.parquet')
      const rows = fc.sample(aRow, { seed: 7, numRuns: 30 })
      await write(rows, 100, path, { codec: 'uncompressed', version: 'V1', dictionary: 20 })
      const whole = await readFile(path)
      const wanted = wantedOf(Array.from({ length: 11 }, () => ({ isNullable: true, use: 'made' as const })))
      await fc.assert(
        fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
          const bytes = Buffer.from(whole)
          bytes[at] = bytes[at]! ^ flip
          await writeFile(path, bytes)
          const given = await read(path, wanted).catch((thrown: unknown) => (thrown as { code: string }).code)
          expect(typeof given === 'string' ? given : given.rows.length).toEqual(
            typeof given === 'string' ? 'LF_FILES_FORMAT' : 3_000,
          )
        }),
        { numRuns: 60 },
      )
    })
  })
})
