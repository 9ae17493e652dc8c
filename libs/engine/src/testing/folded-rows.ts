import type { CollectedRow } from './list-connector.ts'

/**
 * What a changelog amounts to: the rows that are there in the end, as sorted JSON texts, each as often as it is there.
 * @throws where a row is taken back that is not there at that moment.
 */
export function foldedRows(rows: readonly CollectedRow[]): string[] {
  const counts = new Map<string, number>()
  for (const { value, change = 'insert' } of rows) {
    const text = JSON.stringify(value)
    const count = (counts.get(text) ?? 0) + (change === 'insert' || change === 'updateAfter' ? 1 : -1)
    if (count < 0) throw new Error(`${text} was taken back and is not there.`)
    counts.set(text, count)
  }
  return [...counts].flatMap(([text, count]) => new Array<string>(count).fill(text)).sort()
}

/** Rows that were evaluated in another way, in the same form. */
export function sortedTexts(rows: readonly unknown[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort()
}
