import ts from 'typescript'

/** How deep a program's syntax may be nested. People's programs stay below 50; a bundler's stack ends above 100,000. */
export const nestingMax = 2_000

/**
 * Whether a program is nested deeper than {@link nestingMax}. What it guards recurses over the syntax in a process where
 * a full stack ends everything, so this must not recurse itself.
 */
export function isNestedTooDeep(source: ts.SourceFile): boolean {
  let level: ts.Node[] = [source]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > nestingMax) return true
    const next: ts.Node[] = []
    for (const node of level) ts.forEachChild(node, (child) => void next.push(child))
    level = next
  }
  return false
}
