import type { SinkWriter } from '@lightflus/engine'
import fc from 'fast-check'
import { changelogs, folded, writesOf } from './random-changelog.ts'

/** A sink that takes changelogs of rows `{ id, n }`, and a way to see what it made of them. */
export interface ChangelogCase {
  /** A sink onto a place that is empty. */
  readonly create: () => Promise<SinkWriter>
  /** What is there now: `n` by `id`. */
  readonly read: () => Promise<ReadonlyMap<string, number>>
  /** How many changelogs are tried. */
  readonly runs: number
}

/** What every sink promises that accepts changes: it ends with the rows that the changelog ends with, however it is cut. */
export function describeChangelogContract(name: string, getCase: () => ChangelogCase): void {
  describe(`changelog contract: ${name}`, () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 })

    it('ends with the rows that the changes end with, also when some are written again', async () => {
      const given = fc.record({ changelog: changelogs, sizes, again: fc.nat(80) })
      await fc.assert(
        fc.asyncProperty(given, async ({ changelog, sizes, again }) => {
          const sink = await getCase().create()
          await sink.open()
          // As after a crash: from some place on everything comes once more.
          const repeated = changelog.slice(Math.max(0, changelog.length - again))
          for (const part of [changelog, repeated])
            for (const { values, changes } of writesOf(part, sizes))
              await sink.write(
                values,
                values.map(() => 1_700_000_000_000),
                changes,
              )
          await sink.flush()
          await sink.close()
          expect(new Map([...(await getCase().read())].sort())).toEqual(new Map([...folded(changelog)].sort()))
        }),
        { numRuns: getCase().runs },
      )
    }, 120_000)
  })
}
