import { globSync, readFileSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { jest } from '@jest/globals'
import fc from 'fast-check'
import type { SinkCheckpoints } from '@lightflus/engine'
import { MemoryLog, runAttempt } from '../testing/commit-job.ts'
import { inProcess, mortalFiles, type Death } from '../testing/mortal-files.ts'
import { withFolder } from '../testing/temporary-folder.ts'
import { sinkContext } from '../testing/test-context.ts'

jest.unstable_mockModule('node:fs/promises', () => mortalFiles)
const { FilesSink } = await import('./files-sink.ts')

const recordsTotal = 60

/** How an attempt ends: at its `calls`-th call to the file system. It may also only be believed dead, and wake up later. */
const attempts = fc.array(
  fc.record({
    parallelism: fc.integer({ min: 1, max: 3 }),
    calls: fc.nat(70),
    end: fc.constantFrom('before', 'after', 'sleeps' as const),
    aborted: fc.nat(3),
  }),
  { maxLength: 6 },
)

/** With what a reader sees at any time: whole lines, and each file as it stays. */
class Reader {
  readonly #seen = new Map<string, string>()
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  look(): string[] {
    const lines: string[] = []
    for (const name of globSync('**/*.{jsonl,csv}', { cwd: this.#folder, exclude: (path) => path.startsWith('.') })) {
      const text = readFileSync(join(this.#folder, name), 'utf8')
      expect(text.at(-1)).toBe('\n')
      expect(text).toBe(this.#seen.get(name) ?? text)
      this.#seen.set(name, text)
      lines.push(...text.split('\n').slice(name.endsWith('.csv') ? 1 : 0, -1))
    }
    for (const name of this.#seen.keys()) expect(globSync(name, { cwd: this.#folder })).toEqual([name])
    return lines
  }
}

interface Given {
  readonly attempts: readonly {
    readonly parallelism: number
    readonly calls: number
    readonly end: 'before' | 'after' | 'sleeps'
    readonly aborted: number
  }[]
  readonly recordsPerCheckpoint: number
  readonly format: 'jsonl' | 'csv'
}

async function expectOnceEach(folder: string, given: Given): Promise<void> {
  await mkdir(join(folder, 'out'))
  const log = new MemoryLog()
  const reader = new Reader(folder)
  const sleepers: { readonly wake: () => void; readonly ended: Promise<unknown> }[] = []
  const functions = {
    row: (n: number) => ({ n }),
    ...(given.format === 'jsonl' && { folder: (n: number) => (n % 3 === 0 ? '' : `of=${n % 3}/deep`) }),
  }
  const createWriter = (index: number, parallelism: number, checkpoints: SinkCheckpoints) => {
    const options = { path: join(folder, 'out', `n.${given.format}`), format: given.format }
    return new FilesSink(sinkContext({ options, checkpoints, functions, subtask: { index, parallelism } }))
  }
  const run = (parallelism: number, death: Death = () => undefined, aborted = 0) =>
    inProcess(death, () =>
      runAttempt({
        ...{ log, parallelism, recordsTotal, recordOf: (index) => index },
        recordsPerCheckpoint: given.recordsPerCheckpoint,
        createWriter: (index, checkpoints) => createWriter(index, parallelism, checkpoints),
        isAborted: (checkpoint) => aborted > 0 && checkpoint % (aborted + 1) !== 0,
      }),
    ).catch((thrown: unknown) => thrown)
  for (const { parallelism, calls, end, aborted } of given.attempts) {
    let left = calls
    const asleep = Promise.withResolvers<void>()
    const awake = Promise.withResolvers<void>()
    const death: Death = () => {
      if (left-- !== 0) return undefined
      if (end !== 'sleeps') return end
      asleep.resolve()
      return awake.promise
    }
    const attempt = run(parallelism, death, aborted)
    await Promise.race([attempt, asleep.promise])
    reader.look()
    sleepers.push({ wake: awake.resolve, ended: attempt })
  }
  // They wake while the last one runs.
  for (const { wake } of sleepers) wake()
  // One that wakes may take an entry of the log before it.
  let last: unknown
  for (let tries = 0; tries === 0 || (last !== undefined && tries < 20); tries++) last = await run(2)
  expect(last).toBeUndefined()
  await Promise.all(sleepers.map(({ ended }) => ended))
  const lines = reader.look()
  const numbers = lines.map((line) => (given.format === 'csv' ? Number(line) : (JSON.parse(line) as { n: number }).n))
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: recordsTotal }, (_, index) => index))
}

describe('files that are written exactly once', () => {
  it('hold everything once, wherever attempts die or sleep, and at whatever parallelism they go on', async () => {
    const given = fc.record({
      ...{ attempts, recordsPerCheckpoint: fc.integer({ min: 1, max: 25 }) },
      format: fc.constantFrom('jsonl', 'csv' as const),
    })
    await fc.assert(
      fc.asyncProperty(given, (each) => withFolder((folder) => expectOnceEach(folder, each))),
      { numRuns: 100 },
    )
  }, 60_000)

  it('do so where an attempt ends at any of its first calls, and leave nothing beside them', async () => {
    for (let calls = 0; calls < 90; calls++)
      for (const end of ['before', 'after'] as const)
        await withFolder(async (folder) => {
          const given = { attempts: [{ parallelism: 3, calls, end, aborted: calls % 2 }], recordsPerCheckpoint: 25 }
          await expectOnceEach(folder, { ...given, format: 'jsonl' })
          expect((await readdir(join(folder, 'out'))).filter((name) => name.startsWith('.'))).toEqual([])
        })
  }, 60_000)
})
