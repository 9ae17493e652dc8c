import { globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SinkFunctions } from '@lightflus/api'
import { temporaryFolder, type TemporaryFolder } from '@lightflus/testing/services'
import { describeSinkContract, failingOn, type TestRecord } from '../testing/sink-contract.ts'
import { withFolder } from '../testing/temporary-folder.ts'
import { sinkContext } from '../testing/test-context.ts'
import { FilesSink, ownPath, type FilesSinkOptions } from './files-sink.ts'

async function writeAll(
  options: FilesSinkOptions,
  values: readonly unknown[],
  index = 0,
  functions: SinkFunctions = {},
): Promise<string[]> {
  const context = sinkContext({ options: { ...options }, functions, subtask: { index, parallelism: 2 } })
  const sink = new FilesSink(context)
  await sink.open()
  try {
    await sink.write(values)
    await sink.flush()
  } finally {
    await sink.close()
  }
  return context.heard.log
}

describe('files sink', () => {
  it('appends to what is there, under a header only once', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'out.csv')
      await writeAll({ path, format: 'csv' }, [{ b: 1, a: 'x,y' }])
      await writeAll({ path, format: 'csv' }, [{ a: null, b: 2 }])
      expect(await readFile(path, 'utf8')).toBe('b,a\n1,"x,y"\n2,\n')
    }))

  it('writes JSON lines', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'out.jsonl')
      await writeAll({ path, format: 'jsonl' }, [{ a: 1 }, 'text', [1, 2]])
      expect(await readFile(path, 'utf8')).toBe('{"a":1}\n"text"\n[1,2]\n')
    }))

  it('writes texts that the engine has made between others, in their order', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'out.jsonl')
      const sink = new FilesSink(sinkContext({ options: { path, format: 'jsonl' }, functions: {} }))
      expect(sink.encodes).toBe('row')
      await sink.open()
      await sink.write(['first'])
      const bytes = Buffer.from('..{"é":1}\n[2]\n..')
      await sink.writeEncoded({ length: 2, bytes, starts: Int32Array.of(2, 11, 0), ends: Int32Array.of(10, 14, 0) })
      bytes.fill(0)
      await sink.write([3])
      await sink.flush()
      await sink.close()
      expect(await readFile(path, 'utf8')).toBe('"first"\n{"é":1}\n[2]\n3\n')
      expect(sink.bytesWritten()).toBe(23)
    }))

  it('makes texts itself of what is no JSON, and where folders are chosen by record', () => {
    const encodes = (format: 'jsonl' | 'csv', functions: SinkFunctions) =>
      new FilesSink(sinkContext({ options: { path: 'out', format }, functions })).encodes
    expect([encodes('csv', {}), encodes('jsonl', { folder: () => 'a' }), encodes('jsonl', { row: () => 1 })]).toEqual([
      undefined,
      undefined,
      'row',
    ])
  })

  it('begins a new line where a crash left half of one, and says so', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'out.jsonl')
      await writeFile(path, '{"a":1}\n{"a":')
      const log = await writeAll({ path, format: 'jsonl' }, [{ a: 2 }])
      expect(await readFile(path, 'utf8')).toBe('{"a":1}\n{"a":\n{"a":2}\n')
      expect(log).toEqual([expect.stringContaining('did not end with a whole line')])
    }))

  it('gives each subtask a file of its own', () =>
    withFolder(async (folder) => {
      await writeAll({ path: join(folder, 'out.jsonl'), format: 'jsonl' }, [1], 1)
      expect(await readFile(join(folder, 'out-1.jsonl'), 'utf8')).toBe('1\n')
      expect([ownPath('a/b.c/out', 2), ownPath('out.tar.gz', 1), ownPath('out', 0)]).toEqual([
        'a/b.c/out-2',
        'out.tar-1.gz',
        'out',
      ])
    }))

  it('spreads records over folders, more of them than files may be open', () =>
    withFolder(async (folder) => {
      const options = { path: join(folder, 'made', 'out.jsonl'), format: 'jsonl' } as const
      const values = Array.from({ length: 1_000 }, (_, number) => number)
      await writeAll(options, values, 1, { folder: (value) => `of=${(value as number) % 100}/x` })
      const files = globSync('made/of=*/x/out-1.jsonl', { cwd: folder })
      expect(files).toHaveLength(100)
      const ofSeven = await readFile(join(folder, 'made', 'of=7', 'x', 'out-1.jsonl'), 'utf8')
      expect(ofSeven).toBe(
        values
          .filter((value) => value % 100 === 7)
          .join('\n')
          .concat('\n'),
      )
    }))

  it.each(['/tmp', '..', 'a/../../b', 'C:/x', 'a\0b', 7])('refuses the folder %j', (named) =>
    withFolder(async (folder) => {
      const escaped = writeAll({ path: join(folder, 'out.jsonl'), format: 'jsonl' }, [1], 0, { folder: () => named })
      await expect(escaped).rejects.toEqual(expect.objectContaining({ code: 'LF_SINK_VALUE' }))
    }),
  )

  it('says why a file cannot be written', () =>
    withFolder(async (folder) => {
      const missing = writeAll({ path: join(folder, 'none', 'out'), format: 'jsonl' }, [1])
      await expect(missing).rejects.toMatchObject({ code: 'LF_FILES_MISSING', retry: false })
      await mkdir(join(folder, 'taken'))
      const taken = writeAll({ path: join(folder, 'taken'), format: 'jsonl' }, [1])
      await expect(taken).rejects.toThrow('it is a folder')
    }))

  it('reports a device without room at flush', async () => {
    const full = writeAll({ path: '/dev/full', format: 'jsonl' }, [1])
    await expect(full).rejects.toEqual(expect.objectContaining({ code: 'LF_FILES_WRITE' }))
  })
})

for (const format of ['jsonl', 'csv'] as const) {
  let temporary: TemporaryFolder
  beforeEach(() => void (temporary = temporaryFolder('connectors')))
  afterEach(() => temporary.remove())
  describeSinkContract(`files, ${format}`, () => ({
    create: ({ onError, failOn }) => {
      const functions = { row: failingOn(failOn, (record) => record) }
      const context = sinkContext({ options: { path: join(temporary.path, 'out'), format }, functions, onError })
      return { writer: new FilesSink(context), context }
    },
    readIds: async () => {
      const lines = (await readFile(join(temporary.path, 'out'), 'utf8')).split('\n').slice(0, -1)
      if (format === 'csv') return lines.slice(1).map((line) => Number(line.split(',')[0]))
      return lines.map((line) => (JSON.parse(line) as TestRecord).id)
    },
    unansweredMax: 100_000,
  }))
}
