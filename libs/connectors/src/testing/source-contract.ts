import type { SourceReader } from '@lightflus/engine'
import fc from 'fast-check'
import { checkpointOf, drain, hasEnded, summary, type ReadRecords } from './drain.ts'

/** A bounded source with something in it, as the contract wants it. */
export interface SourceCase {
  /** A reader that is not open yet. Every call reads the same data. */
  readonly create: (subtask: { readonly index: number; readonly parallelism: number }) => SourceReader
  /** What is in it, by partition. */
  readonly expected: () => ReadRecords
  /** How often the properties are tried; fewer for what lies behind a network. */
  readonly runs: number
}

/**
 * What every source promises, whatever it reads: all records once and in order, partitions spread over subtasks without
 * overlap or gap, and a restore from any positions, at any parallelism, that goes on exactly there.
 */
export function describeSourceContract(name: string, prepare: () => SourceCase | Promise<SourceCase>): void {
  describe(`source contract: ${name}`, () => {
    let source: SourceCase
    beforeAll(async () => {
      source = await prepare()
    })
    const readersAt = (parallelism: number): SourceReader[] =>
      Array.from({ length: parallelism }, (_, index) => source.create({ index, parallelism }))

    it('yields every record once and in order, and ends', async () => {
      const [reader] = readersAt(1)
      await reader!.open(undefined)
      const read = await drain(reader!, new Map())
      expect(summary(read)).toEqual(summary(source.expected()))
      expect(hasEnded(reader!)).toBe(true)
      await reader!.close()
    })

    it('spreads partitions over subtasks without overlap or gap', async () => {
      const readers = readersAt(3)
      const read: ReadRecords = new Map()
      const names: string[] = []
      for (const reader of readers) {
        await reader.open(undefined)
        await drain(reader, read)
        names.push(...reader.partitions().map((partition) => partition.name))
        await reader.close()
      }
      expect(summary(read)).toEqual(summary(source.expected()))
      expect(new Set(names).size).toBe(names.length)
    })

    it('goes on exactly where the positions say, at any cut and at another parallelism', async () => {
      const total = [...source.expected().values()].flat().length
      const cut = fc.record({
        counts: fc.array(fc.nat(Math.max(1, Math.ceil(total / 2))), { minLength: 1, maxLength: 4 }),
        recordsMax: fc.integer({ min: 1, max: total + 1 }),
        parallelisms: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }),
      })
      await fc.assert(
        fc.asyncProperty(cut, async ({ counts, recordsMax, parallelisms }) => {
          const read: ReadRecords = new Map()
          let positions
          for (const [attempt, count] of [...counts, Infinity].entries()) {
            const readers = readersAt(parallelisms[attempt]!)
            for (const reader of readers) {
              await reader.open(positions)
              await drain(reader, read, { count, recordsMax })
            }
            positions = checkpointOf(readers)
            for (const reader of readers) await reader.close()
          }
          expect(summary(read)).toEqual(summary(source.expected()))
        }),
        { numRuns: source.runs },
      )
    })

    it('yields nothing of partitions that are held, where it can hold some, and loses nothing by it', async () => {
      const [reader] = readersAt(1)
      await reader!.open(undefined)
      const all = reader!.partitions().map(({ name }) => name)
      const read: ReadRecords = new Map()
      if (reader!.hold && all.length > 1) {
        const [first, ...others] = all
        reader!.hold(new Set(others))
        const wanted = source.expected().get(first!)!.length
        await drain(reader!, read, { count: wanted })
        expect([...read.keys()]).toEqual([first])
        reader!.hold(new Set([first!]))
      }
      reader!.hold?.(new Set())
      await drain(reader!, read)
      expect(summary(read)).toEqual(summary(source.expected()))
      await reader!.close()
    })

    it('stays at its end when restored from there', async () => {
      const [first] = readersAt(1)
      await first!.open(undefined)
      await drain(first!, new Map())
      const positions = checkpointOf([first!])
      await first!.close()
      const [second] = readersAt(1)
      await second!.open(positions)
      expect(summary(await drain(second!, new Map()))).toEqual([])
      expect(checkpointOf([second!])).toEqual(positions)
      await second!.close()
    })
  })
}
