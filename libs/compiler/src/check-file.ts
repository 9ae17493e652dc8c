import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { bundleModules, type BundleResult } from './bundle/bundle.ts'
import { projectImports } from './bundle/import-plugin.ts'
import { errorAt } from './diagnostic.ts'
import { buildGraph, defaultLimits, openContext } from './graph/build-graph.ts'
import { mergeFindings } from './merge-findings.ts'
import type { CheckedProgram, CheckOptions, Diagnostic } from './program.ts'
import { checkTypes } from './types/check-types.ts'

/**
 * The folder that a program belongs to: the nearest above it with a package.json or tsconfig.json, else its own. Files
 * in diagnostics are named relative to it.
 */
export function projectRoot(path: string): string {
  const own = dirname(resolve(path))
  for (let folder = own; ; folder = dirname(folder)) {
    if (['package.json', 'tsconfig.json'].some((name) => existsSync(join(folder, name)))) return folder
    if (folder === dirname(folder)) return own
  }
}

/**
 * Checks a program in its author's folder: as {@link checkProgram}, but it may import other files and installed
 * packages, and its tsconfig.json is respected.
 */
export async function checkFile(path: string, options: CheckOptions = {}): Promise<CheckedProgram> {
  const unreadable = whyUnreadable(path)
  if (unreadable) return mergeFindings([errorAt(nameOf(path), 'LF_PROGRAM_FILE', unreadable)])
  const place = options.trusted ? 'context' : 'sandbox'
  if (options.trusted) openContext()
  const [types, { bundled, built }] = await Promise.all([
    options.types === false ? [] : checkFileTypes(path),
    bundleProgram(path).then(async (bundled) => {
      const limits = { ...defaultLimits, ...options.limits }
      return { bundled, built: bundled.bundle && (await buildGraph(bundled.bundle, nameOf(path), limits, place)) }
    }),
  ])
  return mergeFindings(types, bundled, built)
}

/** The types alone of a program in its author's folder. */
export function checkFileTypes(path: string): Promise<readonly Diagnostic[]> {
  return checkTypes({ kind: 'project', path: resolve(path), root: projectRoot(path) }, nameOf(path))
}

/** The bundle alone of a program in its author's folder: the quickest way to something that runs. */
export function bundleProgram(path: string): Promise<BundleResult> {
  return bundleModules({ entry: nameOf(path), root: projectRoot(path), plugins: [projectImports()] })
}

function whyUnreadable(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return 'There is no such file.'
  return found.isFile() ? undefined : 'This is not a file.'
}

function nameOf(path: string): string {
  return relative(projectRoot(path), resolve(path)).replaceAll(sep, '/')
}
