import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { checkpointOf, drain, payloadsOf, type ReadRecords } from '../testing/drain.ts'
import { failing, filesSource } from '../testing/files-tools.ts'
import { withFolder } from '../testing/temporary-folder.ts'
import { LaneLines } from './lane-lines.ts'

const sorted = (lines: readonly unknown[]): string[] => lines.map(String).sort()

/** All that a lane gives, beginning anew from its position after so many batches. */
async function readLane(open: (from: { byte: number; line: number }) => LaneLines, batches: number): Promise<string[]> {
  const lines: string[] = []
  let file = open({ byte: 0, line: 1 })
  for (let taken = 0, hasMore = true; hasMore;) {
    hasMore = await file.read()
    for (let records = file.take(2); records; records = file.take(2)) {
      lines.push(...payloadsOf({ partition: '', ...records }).map(String))
      if (++taken % batches !== 0) continue
      await file.close()
      file = open(file.position())
      hasMore = true
      break
    }
  }
  await file.close()
  return lines
}

it('each line is in one lane, whatever the blocks, the lanes, and where reading begins again', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'data')
    const line = fc.record({
      text: fc.string({ unit: fc.constantFrom('a', 'ä', '"', ' '), maxLength: 30 }),
      end: fc.constantFrom('\n', '\r\n'),
    })
    const shape = fc.record({
      lines: fc.array(line, { maxLength: 40 }),
      isCut: fc.boolean(),
      lanes: fc.integer({ min: 2, max: 5 }),
      blockBytes: fc.integer({ min: 1, max: 60 }),
      batches: fc.integer({ min: 1, max: 10 }),
    })
    await fc.assert(
      fc.asyncProperty(shape, async ({ lines, isCut, lanes, blockBytes, batches }) => {
        const content = lines.map(({ text, end }) => text + end).join('')
        await writeFile(path, isCut ? content.replace(/\r?\n$/, '') : content)
        const read: string[] = []
        for (let lane = 0; lane < lanes; lane++)
          read.push(
            ...(await readLane((from) => new LaneLines(path, 'text', from, { lane, lanes }, blockBytes), batches)),
          )
        const expected = lines.map(({ text }) => text)
        if (isCut && expected.at(-1) === '') expected.pop()
        expect(read.sort()).toEqual(expected.sort())
      }),
      { numRuns: 200 },
    )
  }))

describe('one file that several subtasks read', () => {
  const count = 24_000
  const lines = Array.from({ length: count }, (_, at) => `{"n":${at},"of":"${'x'.repeat((at * 7919) % 1_500)}"}`)

  it.each(['jsonl', 'text'] as const)('gives each line of %s once, restored at any parallelism', (format) =>
    withFolder(async (folder) => {
      const path = join(folder, 'data')
      await writeFile(path, lines.join('\n'))
      const readersAt = (parallelism: number) =>
        Array.from({ length: parallelism }, (_, index) => filesSource({ path, format }, { index, parallelism }).source)
      for (const [first, second] of [
        [3, 2],
        [2, 3],
      ] as const) {
        const read: ReadRecords = new Map()
        const readers = readersAt(first)
        for (const reader of readers) {
          await reader.open(undefined)
          await drain(reader, read, { count: 4_000, recordsMax: 500 })
        }
        expect([...read.keys()].length).toBe(first)
        const positions = checkpointOf(readers)
        for (const reader of readers) await reader.close()
        for (const reader of readersAt(second)) {
          await reader.open(positions)
          await drain(reader, read, { recordsMax: 500 })
          await reader.close()
        }
        expect(sorted([...read.values()].flat())).toEqual([...lines].sort())
      }
    }),
  )

  it('is an error where the file has become shorter than a lane was', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'data')
      await writeFile(path, lines.join('\n'))
      const { source } = filesSource({ path, format: 'text' }, { index: 1, parallelism: 2 })
      await source.open(undefined)
      await drain(source, new Map(), { count: 100 })
      const positions = checkpointOf([source])
      await source.close()
      await truncate(path, 100)
      const restored = filesSource({ path, format: 'text' }, { index: 1, parallelism: 2 }).source
      await expect(restored.open(positions).then(() => drain(restored, new Map()))).rejects.toEqual(
        failing('LF_FILES_CHANGED', path),
      )
    }))

  it('stays whole where pieces cannot be told: compressed, of CSV, or one of several in a folder', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'data.csv')
      await writeFile(path, 'a\n1\n2\n')
      for (const options of [
        { path, format: 'csv' },
        { path: folder, format: 'text' },
      ] as const) {
        const names: string[] = []
        for (const index of [0, 1]) {
          const { source } = filesSource(options, { index, parallelism: 2 })
          await source.open(undefined)
          names.push(...source.partitions().map(({ name }) => name))
          await source.close()
        }
        expect(names).toEqual([path])
      }
    }))
})
