import type { Row } from './evaluation.ts'
import type { ChangedRow } from './run-query.ts'

/** Rows as sorted texts, so that two results are equal when they hold the same rows, in whatever order. */
export const canonical = (rows: readonly Row[]): readonly string[] => rows.map(textOf).sort()

/** The rows that are there in the end: what was put in and not taken back. @throws where a row is taken back that is not there. */
export function folded(changes: readonly ChangedRow[]): readonly Row[] {
  const there = new Map<string, Row[]>()
  for (const { row, change } of changes) {
    const text = textOf(row)
    const same = there.get(text) ?? []
    if (change === 'insert' || change === 'updateAfter') same.push(row)
    else if (same.pop() === undefined) throw new Error(`Taken back, but not there: ${text}`)
    there.set(text, same)
  }
  return [...there.values()].flat()
}

/** The newest row of each identity: what early results come to in the end. */
export function newest(rows: readonly Row[], identity: readonly string[]): readonly Row[] {
  return [...new Map(rows.map((row) => [JSON.stringify(identity.map((name) => row[name])), row])).values()]
}

const textOf = (row: Row): string =>
  JSON.stringify(Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1)))
