import ts from 'typescript'
import { join } from 'node:path'
import { errorAt } from '../diagnostic.ts'
import { globalsFile, packageOf, platformFolder, platformPackages } from '../platform.ts'
import type { Diagnostic, Program } from '../program.ts'
import { dynamicImports } from './dynamic-imports.ts'
import { isNestedTooDeep, nestingMax } from './nesting.ts'
import { programOptions, requiredOptions } from './options.ts'
import { typeDiagnostics } from './type-diagnostics.ts'

export interface ProgramChecker {
  /** What is wrong with the text itself, import() of what is not known included; types only make sense without such. */
  syntax(program: Program): readonly Diagnostic[]
  types(program: Program): readonly Diagnostic[]
}

/**
 * Checks single programs against the platform's own `lightflus` and `zod`, one after another. The language service keeps
 * what TypeScript knows of these between programs, so that all but the first take milliseconds.
 */
export function createProgramChecker(): ProgramChecker {
  const options = { ...programOptions, ...requiredOptions }
  const folder = join(platformFolder, 'program')
  let path = join(folder, 'program.ts')
  let text = ''
  let version = 0
  const resolutions = ts.createModuleResolutionCache(folder, (name) => name, options)
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => options,
    getScriptFileNames: () => [path, globalsFile],
    getScriptVersion: (file) => (file === path ? String(version) : '0'),
    getScriptSnapshot: (file) => {
      const content = file === path ? text : ts.sys.readFile(file)
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content)
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => file === path || ts.sys.fileExists(file),
    readFile: (file) => (file === path ? text : ts.sys.readFile(file)),
    directoryExists: ts.sys.directoryExists,
    ...(ts.sys.realpath ? { realpath: ts.sys.realpath } : {}),
    resolveModuleNameLiterals: (literals, containingFile, redirected) =>
      literals.map((literal) => {
        if (containingFile === path && !(platformPackages as readonly string[]).includes(packageOf(literal.text)))
          return { resolvedModule: undefined }
        return ts.resolveModuleName(literal.text, containingFile, options, ts.sys, resolutions, redirected)
      }),
  }
  const service = ts.createLanguageService(host)

  const take = (program: Program): void => {
    const next = join(folder, program.fileName.endsWith('x') ? 'program.tsx' : 'program.ts')
    if (next === path && program.text === text) return
    path = next
    text = program.text
    version += 1
  }

  return {
    syntax(program) {
      take(program)
      return orTooDeep(program, () => {
        const found = typeDiagnostics(
          service.getSyntacticDiagnostics(path),
          'LF_PROGRAM_SYNTAX',
          () => program.fileName,
        )
        if (found.length > 0) return found
        const source = service.getProgram()!.getSourceFile(path)!
        return isNestedTooDeep(source) ? [tooDeep(program)] : dynamicImports(source, program.fileName)
      })
    },
    types(program) {
      take(program)
      return orTooDeep(program, () =>
        typeDiagnostics(service.getSemanticDiagnostics(path), 'LF_PROGRAM_TYPE', () => program.fileName),
      )
    },
  }
}

/** TypeScript recurses over the syntax: where its stack ends, so does what a program may be. */
function orTooDeep(program: Program, check: () => readonly Diagnostic[]): readonly Diagnostic[] {
  try {
    return check()
  } catch (thrown) {
    if (thrown instanceof RangeError) return [tooDeep(program)]
    throw thrown
  }
}

function tooDeep(program: Program): Diagnostic {
  return errorAt(program.fileName, 'LF_PROGRAM_LIMIT', `The program is nested deeper than ${nestingMax} levels.`)
}
