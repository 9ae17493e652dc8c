import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FormerOutput, SinkCheckpoints } from '@lightflus/engine'
import { failing } from '../testing/files-tools.ts'
import { withFolder } from '../testing/temporary-folder.ts'
import { sinkContext } from '../testing/test-context.ts'
import { FilesSink, type FilesSinkOptions } from './files-sink.ts'

const checkpoints: SinkCheckpoints = {
  ...{ lineage: 'l', attempt: 1, isDurable: true },
  ...{ intervalMs: 1_000, timeoutMs: 60_000 },
}
const nothing: FormerOutput = { prepared: [], isCommitted: true, subtasks: [0] }

const sinkOf = (
  folder: string,
  given: Partial<FilesSinkOptions> & Partial<SinkCheckpoints> & { readonly index?: number } = {},
) => {
  const { path = join(folder, 'out.jsonl'), format = 'jsonl', delivery = null, index = 0, ...own } = given
  const options = { path, format, delivery }
  const subtask = { index, parallelism: 2 }
  return new FilesSink(sinkContext({ options, checkpoints: { ...checkpoints, ...own }, subtask }))
}

async function started(...given: Parameters<typeof sinkOf>) {
  const sink = sinkOf(...given)
  await sink.open()
  await sink.commits!.resume({ ...nothing, subtasks: [given[1]?.index ?? 0] })
  return { sink, commits: sink.commits! }
}

const visible = async (folder: string) => (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
const texts = async (folder: string) =>
  Promise.all((await visible(folder)).map((name) => readFile(join(folder, name), 'utf8')))
const former = (output: unknown, isCommitted = false): FormerOutput => ({
  prepared: [{ subtask: 0, attempt: 1, checkpoint: 7, output }],
  ...{ isCommitted, subtasks: [0] },
})

describe('commits of the files sink', () => {
  it('are made where checkpoints survive the process or it is stated, and not to what is no file', () => {
    const commits = (given: Partial<FilesSinkOptions>, isDurable: boolean) =>
      sinkOf('/tmp', { ...given, isDurable }).commits !== undefined
    expect(commits({}, true)).toBe(true)
    expect(commits({}, false)).toBe(false)
    expect(commits({ delivery: 'at-least-once' }, true)).toBe(false)
    expect(commits({ delivery: 'exactly-once' }, false)).toBe(true)
    expect([commits({ path: '-' }, true), commits({ path: '/dev/null' }, true)]).toEqual([false, false])
    const without = sinkContext({ options: { path: 'out', format: 'jsonl', delivery: 'exactly-once' } })
    expect(() => new FilesSink(without)).toThrow(failing('LF_SINK_DELIVERY') as Error)
  })

  it('show each checkpoint as a file of its own, and what an aborted one held with the next', () =>
    withFolder(async (folder) => {
      const { sink, commits } = await started(folder, { format: 'csv', path: join(folder, 'out.csv') })
      expect(await commits.prepare(1)).toBeUndefined()
      await sink.write([{ a: 1, b: 2 }])
      await commits.prepare(2)
      await sink.write([{ b: 4 }])
      await commits.prepare(3)
      expect(await visible(folder)).toEqual([])
      await sink.write([{ a: 5 }])
      await commits.commit(3)
      expect(await texts(folder)).toEqual(['a,b\n1,2\n', 'a,b\n,4\n'])
      await commits.prepare(4)
      await commits.commit(4)
      expect(await texts(folder)).toEqual(['a,b\n1,2\n', 'a,b\n,4\n', 'a,b\n5,\n'])
      expect((await visible(folder)).map((name) => name.replace(/[0-9a-f]{12}/, 'X'))).toEqual(
        [2, 3, 4].map((checkpoint) => `out-X-000000000${checkpoint}-0.csv`),
      )
      await sink.close()
      expect((await readdir(folder)).length).toBe(3)
    }))

  it('are repeated without harm, and by another version that writes elsewhere', () =>
    withFolder(async (folder) => {
      const { sink, commits } = await started(folder)
      await sink.write([1])
      const output = await commits.prepare(7)
      const second = sinkOf(folder, { attempt: 2, path: join(folder, 'others.jsonl') })
      await second.open()
      await second.commits!.resume(former(output))
      await second.commits!.resume(former(output))
      await commits.commit(7)
      for (const each of [sink, second]) await each.close()
      expect(await texts(folder)).toEqual(['1\n'])
    }))

  it('say what is gone; and are content where it was committed and taken away', () =>
    withFolder(async (folder) => {
      const { sink, commits } = await started(folder)
      await sink.write([1])
      const output = await commits.prepare(7)
      await rm(join(folder, '.out.jsonl.staged'), { recursive: true })
      await expect(commits.commit(7)).rejects.toEqual(failing('LF_SINK_COMMIT_LOST', 'out-'))
      await sink.close()
      const second = sinkOf(folder, { attempt: 2 })
      await second.open()
      await expect(second.commits!.resume(former(output))).rejects.toEqual(failing('LF_SINK_COMMIT_LOST'))
      await second.commits!.resume(former(output, true))
      await second.close()
    }))

  it('give a file its name that a crash of the machine has taken from it again', () =>
    withFolder(async (folder) => {
      const { sink, commits } = await started(folder)
      await sink.write([1])
      const output = await commits.prepare(7)
      const second = sinkOf(folder, { attempt: 2 })
      await second.open()
      await second.commits!.resume(former(output, true))
      for (const each of [sink, second]) await each.close()
      expect(await texts(folder)).toEqual(['1\n'])
    }))

  it('leave alone what other jobs, sinks, subtasks and newer attempts have staged', () =>
    withFolder(async (folder) => {
      const others = [{ lineage: 'm' }, { index: 1 }, { attempt: 3 }, { attempt: 2 }]
      const writers = []
      for (const [at, each] of others.entries()) {
        const writer = await started(folder, each)
        await writer.sink.write([JSON.stringify(each)])
        await writer.commits.prepare(11 + at)
        writers.push(writer)
      }
      const older = await started(folder)
      await older.sink.write(['older'])
      await older.commits.prepare(1)
      const second = await started(folder, { attempt: 2 })
      expect((await readdir(join(folder, '.out.jsonl.staged'))).length).toBe(others.length)
      for (const [at, { commits }] of writers.entries()) await commits.commit(11 + at)
      await expect(older.commits.commit(1)).rejects.toEqual(failing('LF_SINK_COMMIT_LOST'))
      for (const { sink } of [...writers, older, second]) await sink.close()
    }))

  it('make a folder again that somebody has removed, and tell of one that cannot be made before anything is promised', () =>
    withFolder(async (folder) => {
      const options = { path: join(folder, 'out.jsonl'), format: 'jsonl' } as const
      const functions = { folder: (value: unknown) => String(value) }
      const sink = new FilesSink(sinkContext({ options, checkpoints, functions }))
      await sink.open()
      await sink.write(['a/b'])
      await sink.commits!.prepare(1)
      await rm(join(folder, 'a'), { recursive: true })
      await sink.commits!.commit(1)
      expect(await texts(join(folder, 'a', 'b'))).toEqual(['"a/b"\n'])
      await writeFile(join(folder, 'taken'), '')
      await sink.write(['taken'])
      await expect(sink.commits!.prepare(2)).rejects.toEqual(failing('LF_FILES_WRITE'))
      await sink.close()
    }))

  it('say that the folder is not there when the sink opens', () =>
    withFolder(async (folder) => {
      const sink = sinkOf(folder, { path: join(folder, 'none', 'out') })
      await expect(sink.open()).rejects.toEqual(failing('LF_FILES_MISSING', 'no such file or folder'))
    }))
})
