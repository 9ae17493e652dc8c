import { bundleModules } from './bundle/bundle.ts'
import { programImports } from './bundle/import-plugin.ts'
import { errorAt } from './diagnostic.ts'
import { buildGraph, defaultLimits } from './graph/build-graph.ts'
import { mergeFindings } from './merge-findings.ts'
import { platformFolder } from './platform.ts'
import type { CheckedProgram, CheckOptions, Program } from './program.ts'
import { checkTypes } from './types/check-types.ts'

/** UTF-16 units of a program's text. */
export const programLengthMax = 2 ** 20

/**
 * Checks a program that may be hostile: its syntax, its imports, its types, and the graph that it builds in a sandbox.
 * All problems are found at once. Nothing of it runs on the caller's thread; at most its bundle's hash is taken there.
 *
 * The syntax comes first and alone, since what follows recurses over it in processes that a deep one would end.
 */
export async function checkProgram(program: Program, options: CheckOptions = {}): Promise<CheckedProgram> {
  const { fileName, text } = program
  if (text.length > programLengthMax)
    return mergeFindings([errorAt(fileName, 'LF_PROGRAM_LIMIT', 'The program is longer than 1 MiB.')])
  const syntax = await checkTypes({ kind: 'syntax', program }, fileName)
  if (syntax.some(({ code }) => code !== 'LF_PROGRAM_IMPORT')) return mergeFindings(syntax)
  const [types, built] = await Promise.all([
    options.types === false ? [] : checkTypes({ kind: 'types', program }, fileName),
    bundleAndBuild(program, options),
  ])
  return mergeFindings([...syntax, ...types], built.bundled, built.graph)
}

async function bundleAndBuild(program: Program, options: CheckOptions) {
  const bundled = await bundleModules({
    entry: program.fileName,
    root: platformFolder,
    plugins: [programImports(program)],
    tsconfigRaw: '{}',
  })
  const graph =
    bundled.bundle && (await buildGraph(bundled.bundle, program.fileName, { ...defaultLimits, ...options.limits }))
  return { bundled, graph }
}
