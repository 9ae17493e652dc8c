import { createHash } from 'node:crypto'
import { canonicalGraph } from '@lightflus/api'
import type { BundleResult } from './bundle/bundle.ts'
import { hasError, sortDiagnostics } from './diagnostic.ts'
import type { GraphBuild } from './graph/build-graph.ts'
import type { CheckedProgram, Diagnostic } from './program.ts'

/** One result of what TypeScript, the bundler and the sandbox found, each mistake once. */
export function mergeFindings(
  types: readonly Diagnostic[],
  bundled: BundleResult = { bundle: null, diagnostics: [] },
  built: GraphBuild | null = null,
): CheckedProgram {
  const diagnostics = sortDiagnostics([...withoutRepeats(types, bundled.diagnostics), ...(built?.diagnostics ?? [])])
  const console = built?.console ?? []
  if (!bundled.bundle || !built?.graph || hasError(diagnostics))
    return { diagnostics, console, bundle: null, graph: null, graphHash: null, connections: [] }
  const graphHash = createHash('sha256').update(canonicalGraph(built.graph)).digest('hex')
  return { diagnostics, console, bundle: bundled.bundle, graph: built.graph, graphHash, connections: built.connections }
}

/**
 * Both parsers report a mistake of syntax, TypeScript in better words; both find an import that cannot be, the bundler
 * in better words. What only one of them finds stays.
 */
function withoutRepeats(types: readonly Diagnostic[], bundled: readonly Diagnostic[]): readonly Diagnostic[] {
  const line = ({ file, line }: Diagnostic): string => `${file}:${line}`
  const refusedLines = new Set(bundled.filter(({ code }) => code === 'LF_PROGRAM_IMPORT').map(line))
  const ownTypes = types.filter(
    ({ code, ...place }) => code !== 'LF_PROGRAM_IMPORT' || !refusedLines.has(line({ code, ...place })),
  )
  const ownBundled = bundled.filter(({ code }) => code !== 'LF_PROGRAM_SYNTAX' || ownTypes.length === 0)
  return [...ownTypes, ...ownBundled]
}
