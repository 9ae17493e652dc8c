import { createHash } from 'node:crypto'
import { build, stop, type BuildFailure, type Message, type Plugin } from 'esbuild'
import type { Bundle, Diagnostic } from '../program.ts'
import { errorAt } from '../diagnostic.ts'
import { isImportFailure, isLibrarySource, programFileName } from './import-plugin.ts'

export interface BundleRequest {
  /** What esbuild starts from: a path relative to the root, or a name that a plugin resolves. */
  readonly entry: string
  /** Names in the bundle are relative to it, so that a folder gives one bundle wherever it stands. */
  readonly root: string
  readonly plugins: readonly Plugin[]
  /** Undefined: the `tsconfig.json` beside each file is respected. */
  readonly tsconfigRaw?: string
}

export interface BundleResult {
  readonly bundle: Bundle | null
  readonly diagnostics: readonly Diagnostic[]
}

const bundleLengthMax = 16 * 2 ** 20

/**
 * One ES module of the program and all that it imports. White space is left out because esbuild's comments name paths
 * of this machine, which would make the bundle another on each; names and syntax stay, for the functions' text is read
 * when a job is planned.
 */
export async function bundleModules(request: BundleRequest): Promise<BundleResult> {
  const { entry, root, plugins, tsconfigRaw } = request
  try {
    const result = await build({
      entryPoints: [entry],
      absWorkingDir: root,
      outfile: 'bundle.js',
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: ['import', 'default'],
      loader: { '.wasm': 'binary' },
      target: 'es2024',
      charset: 'utf8',
      minifyWhitespace: true,
      legalComments: 'none',
      sourcemap: 'external',
      sourcesContent: false,
      logLevel: 'silent',
      logLimit: 100,
      plugins: [...plugins],
      ...(tsconfigRaw === undefined ? {} : { tsconfigRaw }),
    })
    const code = result.outputFiles.find(({ path }) => path.endsWith('.js'))!.text
    const map = result.outputFiles.find(({ path }) => path.endsWith('.map'))!.text
    if (code.length > bundleLengthMax) {
      const limit = `The program with its imports is larger than ${bundleLengthMax / 2 ** 20} MiB.`
      return { bundle: null, diagnostics: [errorAt(entry, 'LF_PROGRAM_LIMIT', limit)] }
    }
    return { bundle: withSourceMap(code, map), diagnostics: [] }
  } catch (thrown) {
    if (!isBuildFailure(thrown)) {
      // esbuild's process ended: with it stopped, the next build starts another.
      await stop()
      throw thrown
    }
    return { bundle: null, diagnostics: thrown.errors.map((message) => toDiagnostic(message, entry)) }
  }
}

function withSourceMap(code: string, map: string): Bundle {
  const parsed = JSON.parse(map) as { sources: string[] }
  const sources = parsed.sources.map((source) => (isLibrarySource(source) ? null : programFileName(source)))
  const sourceMap = JSON.stringify({ ...parsed, sources })
  const text = `${code}//# sourceMappingURL=data:application/json;base64,${Buffer.from(sourceMap).toString('base64')}\n`
  return { text, sourceMap, sha256: createHash('sha256').update(text).digest('hex') }
}

function isBuildFailure(thrown: unknown): thrown is BuildFailure {
  return thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors)
}

function toDiagnostic(message: Message, entry: string): Diagnostic {
  const { location, text } = message
  const code = isImportFailure(message) ? 'LF_PROGRAM_IMPORT' : 'LF_PROGRAM_SYNTAX'
  if (!location) return errorAt(entry, code, text)
  // esbuild counts columns from 0 and in bytes.
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString()
  const file = programFileName(location.file)
  return errorAt(file, code, text, { file, line: location.line, column: before.length + 1 })
}
