import { SourceMap } from 'node:module'
import type { Position } from '../diagnostic.ts'

/**
 * Where a place of a bundle comes from; undefined where it is not in the author's files.
 * @param line and column, like the result, count from 1.
 */
export function originalPosition(sourceMap: string, line: number, column: number): Position | undefined {
  const entry = new SourceMap(JSON.parse(sourceMap) as ConstructorParameters<typeof SourceMap>[0]).findEntry(
    line - 1,
    column - 1,
  )
  if (!('originalSource' in entry) || !entry.originalSource) return undefined
  return { file: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn + 1 }
}
