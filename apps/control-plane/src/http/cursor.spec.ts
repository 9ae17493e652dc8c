import fc from 'fast-check'
import { z } from 'zod'
import { decodeCursor, encodeCursor, pageOfRows } from './cursor.ts'

describe('a cursor', () => {
  test('gives back the position it was made of', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (name) => decodeCursor(encodeCursor(name), z.string()) === name.toWellFormed(),
      ),
    )
  })

  test('that this list did not give is refused', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          decodeCursor(text, z.object({ id: z.string() }).strict())
          return false
        } catch (error) {
          return (error as { code: string }).code === 'LF_CURSOR_INVALID'
        }
      }),
    )
  })
})

describe('following cursors', () => {
  test('shows each row once, whatever the limit', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), fc.integer({ min: 1, max: 5 }), (numbers, limit) => {
        const sorted = numbers.toSorted((a, b) => a - b)
        const seen: number[] = []
        let cursor: string | undefined
        do {
          const after = decodeCursor(cursor, z.number())
          const rows = sorted.filter((each) => after === undefined || each > after).slice(0, limit + 1)
          const page = pageOfRows(
            rows,
            limit,
            (row) => row,
            (row) => row,
          )
          expect(page.items.length).toBeLessThanOrEqual(limit)
          seen.push(...page.items)
          cursor = page.nextCursor ?? undefined
        } while (cursor !== undefined)
        expect(seen).toEqual(sorted)
      }),
    )
  })
})
