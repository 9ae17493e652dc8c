import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder, type TemporaryFolder } from '@lightflus/testing/services'
import { describeSinkContract, failingOn, type TestRecord } from '../testing/sink-contract.ts'
import { withFolder } from '../testing/temporary-folder.ts'
import { sinkContext } from '../testing/test-context.ts'
import { FilesSink, ownPath, type FilesSinkOptions } from './files-sink.ts'

async function writeAll(options: FilesSinkOptions, values: readonly unknown[], index = 0): Promise<string[]> {
  const context = sinkContext({ options: { ...options }, subtask: { index, parallelism: 2 } })
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

  it('says why a file cannot be written', () =>
    withFolder(async (folder) => {
      const missing = writeAll({ path: join(folder, 'none', 'out'), format: 'jsonl' }, [1])
      await expect(missing).rejects.toEqual(expect.objectContaining({ code: 'LF_FILES_WRITE' }))
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
