import { truncateSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { temporaryFolder, type TemporaryFolder } from '@lightflus/testing/services'
import fc from 'fast-check'
import { z } from 'zod'
import { checkpointOf, drain, type ReadRecords } from '../testing/drain.ts'
import { sourceContext } from '../testing/test-context.ts'
import { FilesSource } from './files-source.ts'
import { failing, filesSource, readFiles } from '../testing/files-tools.ts'
import { describeSourceContract } from '../testing/source-contract.ts'
import { withFolder } from '../testing/temporary-folder.ts'

let instance: DuckDBInstance
let duck: DuckDBConnection
beforeAll(async () => {
  instance = await DuckDBInstance.create()
  duck = await instance.connect()
})
const folders: TemporaryFolder[] = []
afterAll(async () => {
  duck.closeSync()
  instance.closeSync()
  for (const folder of folders) await folder.remove()
})

/** Writes a query's rows, by another's writer, in row groups of 2048. */
const write = (query: string, path: string, options = '') =>
  duck.run(`COPY (${query}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048${options})`)

const parquet = (path: string, columns?: readonly string[]) =>
  readFiles({ path, format: 'parquet', ...(columns ? { columns } : {}) })

const readQuery = (query: string, options = '') =>
  withFolder(async (folder) => {
    const path = join(folder, 'a.parquet')
    await write(query, path, options)
    return parquet(path)
  })

const numbered = (rows: number) =>
  `SELECT i AS id, 'row ' || i AS name, i * 0.5::DOUBLE AS half FROM range(${rows}) t(i)`
const row = (at: number) => ({ id: at, name: `row ${at}`, half: at * 0.5 })
const rows = (count: number, from = 0) => Array.from({ length: count }, (_, at) => row(from + at))

describe('files source: Parquet', () => {
  it.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli'])('reads pages compressed by %s', async (codec) => {
    expect(await readQuery(numbered(5000), `, COMPRESSION ${codec}`)).toEqual(rows(5000))
  })

  it('reads the encodings of the second version of the format', async () => {
    expect(await readQuery(numbered(5000), ', PARQUET_VERSION V2')).toEqual(rows(5000))
  })

  it('reads a file without rows', async () => {
    expect(await readQuery(numbered(0))).toEqual([])
  })

  it('refuses pages compressed in a way that it does not know', async () => {
    await expect(readQuery(numbered(10), ', COMPRESSION lz4_raw')).rejects.toEqual(
      failing('LF_FILES_FORMAT', 'LZ4_RAW'),
    )
  })

  it('yields numbers while they are exact, and bigints beyond', async () => {
    const query = `SELECT 9007199254740991::BIGINT AS a, -9007199254740992::BIGINT AS b, 18446744073709551615::UBIGINT AS c,
      4294967295::UINTEGER AS d, 7::TINYINT AS e, 1.5::FLOAT AS f, true AS g`
    const beyond = { b: -9007199254740992n, c: 18446744073709551615n }
    expect(await readQuery(query)).toEqual([{ a: 9007199254740991, ...beyond, d: 4294967295, e: 7, f: 1.5, g: true }])
  })

  it('yields decimals as exact text, however they are stored', async () => {
    const query = `SELECT * FROM (VALUES (0.3::DECIMAL(4,1), -0.05::DECIMAL(9,2), 12345678901.234::DECIMAL(18,3),
      -1234567890123456789012345678.9012345678::DECIMAL(38,10), 42::DECIMAL(5,0)), (NULL, NULL, NULL, NULL, NULL)) t(a, b, c, d, e)`
    expect(await readQuery(query)).toEqual([
      { a: '0.3', b: '-0.05', c: '12345678901.234', d: '-1234567890123456789012345678.9012345678', e: '42' },
      { a: null, b: null, c: null, d: null, e: null },
    ])
  })

  it('yields dates for days and timestamps, and what has no better type as it is', async () => {
    const query = `SELECT DATE '1969-12-31' AS day, TIMESTAMP '2026-01-31 07:08:09.123456' AS micros,
      TIMESTAMP_MS '2026-01-31 07:08:09.123' AS millis, TIMESTAMPTZ '2026-01-31 07:08:09+01' AS zoned, TIME '00:00:01' AS clock,
      'ab'::BLOB AS bytes, '2b4e1c3a-0000-4000-8000-0123456789ab'::UUID AS id, '{"a":[1]}'::JSON AS json, 'x'::ENUM('x', 'y') AS choice`
    expect(await readQuery(query)).toEqual([
      {
        day: new Date('1969-12-31'),
        micros: new Date('2026-01-31T07:08:09.123Z'),
        millis: new Date('2026-01-31T07:08:09.123Z'),
        zoned: new Date('2026-01-31T06:08:09Z'),
        clock: 1_000_000,
        bytes: new Uint8Array([97, 98]),
        id: '2b4e1c3a-0000-4000-8000-0123456789ab',
        json: { a: [1] },
        choice: 'x',
      },
    ])
  })

  it('yields lists, structs and maps as arrays and objects, with what is null in them', async () => {
    const query = `SELECT * FROM (VALUES
      ([1::BIGINT, NULL], {'a': 1.50::DECIMAL(4,2), 'b': [{'c': 'x'}]}, MAP {'k': 2::BIGINT, 'n': NULL}, [[1], [], NULL]),
      ([], {'a': NULL, 'b': []}, MAP {}, []),
      (NULL, NULL, NULL, NULL),
      ([9007199254740993], {'a': 2, 'b': [NULL, {'c': NULL}]}, MAP {'z': 0}, [[2, 3]])) t(list, struct, map, nested)`
    expect(await readQuery(query)).toEqual([
      { list: [1, null], struct: { a: '1.50', b: [{ c: 'x' }] }, map: { k: 2, n: null }, nested: [[1], [], null] },
      { list: [], struct: { a: null, b: [] }, map: {}, nested: [] },
      { list: null, struct: null, map: null, nested: null },
      { list: [9007199254740993n], struct: { a: '2.00', b: [null, { c: null }] }, map: { z: 0 }, nested: [[2, 3]] },
    ])
  })

  it('reads the columns that are asked for, and names those there are when one is not', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.parquet')
      await write(`SELECT i AS id, 'n' AS name, MAP {DATE '2026-01-01': 1} AS days FROM range(3) t(i)`, path)
      expect(await parquet(path, ['name', 'id'])).toEqual([0, 1, 2].map((id) => ({ id, name: 'n' })))
      await expect(parquet(path)).rejects.toEqual(failing('LF_FILES_FORMAT', "column 'days'"))
      await expect(parquet(path, ['id', 'nmae'])).rejects.toEqual(
        failing('LF_FILES_FORMAT', "no column 'nmae'; there are id, name, days"),
      )
    }))
})

describe('files source: Parquet, restored', () => {
  it('does not touch the row groups before its row', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.parquet')
      await write(numbered(6000), path)
      const bytes = await readFile(path)
      // Row groups are of 2048: the first and part of the second are gone.
      const half = Math.floor(bytes.length / 2)
      await writeFile(path, Buffer.concat([Buffer.alloc(half), bytes.subarray(half)]))
      await expect(parquet(path)).rejects.toEqual(failing('LF_FILES_FORMAT', 'row group 0'))
      const { source } = filesSource({ path, format: 'parquet' })
      await source.open({ [path]: { row: 5000, ended: false } })
      expect((await drain(source, new Map())).get(path)).toEqual(rows(1000, 5000))
      await source.close()
    }))

  it('notices a file that became shorter, and a checkpoint of another format', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.parquet')
      await write(numbered(10), path)
      const open = (position: { row: number } | { byte: number; line: number }) =>
        filesSource({ path, format: 'parquet' }).source.open({ [path]: { ...position, ended: false } })
      await expect(open({ row: 11 })).rejects.toEqual(failing('LF_FILES_CHANGED', 'has 10 rows'))
      await expect(open({ byte: 4, line: 2 })).rejects.toEqual(failing('LF_FILES_CHANGED', 'another format'))
    }))

  it('counts every byte of the columns once', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.parquet')
      await write(numbered(3000), path)
      const sizes = await Promise.all(
        [1000, 7].map(async (recordsMax) => {
          const { source } = filesSource({ path, format: 'parquet', columns: ['id'] })
          await source.open(undefined)
          let bytes = 0
          while (!source.partitions()[0].ended) bytes += (await source.poll(recordsMax))?.bytes ?? 0
          await source.close()
          return bytes
        }),
      )
      expect(sizes[0]).toBe(sizes[1])
      expect(sizes[0]).toBeGreaterThan(0)
      expect(sizes[0]).toBeLessThan((await stat(path)).size)
    }))
})

describe('files source: damaged Parquet', () => {
  it('ends in an error when it is empty, no Parquet, or cut off anywhere', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.parquet')
      for (const content of ['', 'PAR1', '{"a":1}\n', 'x'.repeat(1000)]) {
        await writeFile(path, content)
        await expect(parquet(path)).rejects.toEqual(failing('LF_FILES_FORMAT', path))
      }
      await write(numbered(3000), path)
      for (let { size } = await stat(path); size > 0; size -= 1 + Math.floor(size / 17)) {
        truncateSync(path, size - 1)
        await expect(parquet(path)).rejects.toEqual(failing('LF_FILES_FORMAT', path))
      }
    }))

  it('ends in an error when a column has fewer values than the file says it has rows', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.parquet')
      await write('SELECT i FROM range(50) t(i)', path)
      const bytes = await readFile(path)
      const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
      // Counts of 50 become 51: in the footer's encoding they are one byte, twice the count.
      for (let at = footer; at < bytes.length - 8; at++) if (bytes[at] === 100) bytes[at] = 102
      await writeFile(path, bytes)
      await expect(parquet(path)).rejects.toEqual(failing('LF_FILES_FORMAT', "column 'i' has 50 values for 51 rows"))
    }))

  it('ends in that error or in all of its rows, whichever bytes are wrong', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'a.parquet')
      await write(`SELECT i AS id, 'n' || i AS name, [i, i] AS list FROM range(50) t(i)`, path)
      const whole = await readFile(path)
      const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), {
        minLength: 1,
        maxLength: 3,
      })
      await fc.assert(
        fc.asyncProperty(damage, async (places) => {
          const bytes = Buffer.from(whole)
          for (const [place, change] of places) bytes[place] ^= change
          await writeFile(path, bytes)
          const read = await parquet(path).catch((thrown: unknown) => thrown)
          if (Array.isArray(read)) expect(read).toHaveLength(50)
          else expect(read).toEqual(failing('LF_FILES_FORMAT', path))
        }),
        { numRuns: 150 },
      )
    }))
})

it('reads those columns alone that its schema looks at', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'a.parquet')
    await write(numbered(10), path)
    const source = (columns: readonly string[] | undefined) => {
      const functions = { schema: z.object({ half: z.number(), missing: z.string().optional() }) }
      const options = { path, format: 'parquet', ...(columns && { columns: [...columns] }) }
      return new FilesSource(sourceContext({ options, functions }))
    }
    for (const [columns, expected] of [
      [undefined, ['half']],
      [['id'], ['id']],
    ] as const) {
      const reader = source(columns)
      await reader.open(undefined)
      const rows = (await drain(reader, new Map())).get(path)!
      expect(rows).toHaveLength(10)
      expect(Object.keys(rows[3] as object)).toEqual(expected)
      await reader.close()
    }
  }))

it('shares the row groups of one file among subtasks, each row once, restored at another parallelism', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'a.parquet')
    await write(numbered(9_000), path)
    const sourceAt = (index: number, parallelism: number) =>
      filesSource({ path, format: 'parquet' }, { index, parallelism }).source
    const read: ReadRecords = new Map()
    const readers = [0, 1, 2].map((index) => sourceAt(index, 3))
    for (const reader of readers) {
      await reader.open(undefined)
      await drain(reader, read, { count: 1_000 })
    }
    const positions = checkpointOf(readers)
    for (const reader of readers) await reader.close()
    for (const index of [0, 1]) {
      const reader = sourceAt(index, 2)
      await reader.open(positions)
      await drain(reader, read)
      await reader.close()
    }
    const ids = [...read.values()].flat().map((row) => (row as { readonly id: number }).id)
    expect([...read.values()].map((rows) => rows.length)).toEqual([2_048 + 2_048, 2_048 + 808, 2_048])
    expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 9_000 }, (_, id) => id))
  }))

for (const codec of ['snappy', 'zstd', 'gzip'])
  describeSourceContract(`files, Parquet by ${codec}`, async () => {
    const temporary = temporaryFolder('connectors')
    folders.push(temporary)
    const counts = [5000, 0, 3, 2048]
    const paths = counts.map((_, at) => join(temporary.path, `${at}.parquet`))
    for (const [at, path] of paths.entries()) await write(numbered(counts[at]), path, `, COMPRESSION ${codec}`)
    return {
      create: (subtask) => filesSource({ path: temporary.path, format: 'parquet' }, subtask).source,
      expected: () => new Map(paths.map((path, at) => [path, rows(counts[at])])),
      runs: 8,
    }
  })
