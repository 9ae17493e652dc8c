import type { SourceFile } from './source-tree.ts'

/** Lines that a file of code may have. */
export const linesMax = 400

/** Files that are longer, with their length: it may only go down, and the entry with it. */
export const longFiles: Readonly<Record<string, number>> = {}

/** Files that are too long, or entries of the list that are too generous. */
export function lengthProblems(files: readonly SourceFile[], long: Readonly<Record<string, number>>): string[] {
  const problems = files.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length
    const limit = long[path]
    if (limit === undefined) return lines > linesMax ? [`${path}: ${lines} lines, at most ${linesMax}: split it`] : []
    if (lines > limit) return [`${path}: ${lines} lines, at most ${limit}: it may only shrink`]
    return lines < limit ? [`${path}: ${lines} lines; lower its entry in ratchet.ts from ${limit}`] : []
  })
  const paths = new Set(files.map(({ path }) => path))
  const gone = Object.keys(long).filter((path) => !paths.has(path))
  return [...problems, ...gone.map((path) => `${path} is gone: remove its entry from ratchet.ts`)]
}
