import ts from 'typescript'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { globalsFile, isLibraryFile, packageOf, platformFolder, platformPackages } from '../platform.ts'
import type { Diagnostic } from '../program.ts'
import { dynamicImports } from './dynamic-imports.ts'
import { programOptions, requiredOptions } from './options.ts'
import { typeDiagnostics } from './type-diagnostics.ts'

/**
 * Checks the types of a program in its author's folder: the file, all of his files that it imports, and nothing else of
 * the folder. Strictness, paths and types are those of the nearest tsconfig.json; what the bundle requires is not asked.
 * @param path and root absolute; files in the result are relative to the root.
 */
export function checkProject(path: string, root: string): readonly Diagnostic[] {
  const configPath = ts.findConfigFile(dirname(path), ts.sys.fileExists)
  const config = configPath === undefined || isLibraryFile(configPath) ? undefined : readConfig(configPath)
  const options = { ...(config ? config.options : programOptions), ...requiredOptions }
  const declarations = config ? config.fileNames.filter((file) => file.endsWith('.d.ts')) : [globalsFile]
  const host = ts.createCompilerHost(options)
  const resolutions = ts.createModuleResolutionCache(root, (name) => name, options)
  host.resolveModuleNameLiterals = (literals, containingFile, redirected) =>
    literals.map(({ text }) => {
      const own = ts.resolveModuleName(text, containingFile, options, host, resolutions, redirected)
      if (own.resolvedModule || !(platformPackages as readonly string[]).includes(packageOf(text))) return own
      return ts.resolveModuleName(text, join(platformFolder, 'program.ts'), options, host)
    })
  const program = ts.createProgram({ rootNames: [path, ...declarations], options, host })
  const fileName = (file: string): string => relative(root, file).replaceAll(sep, '/')
  const own = program
    .getSourceFiles()
    .filter(
      (file) =>
        !file.isDeclarationFile &&
        !program.isSourceFileFromExternalLibrary(file) &&
        !isLibraryFile(resolve(file.fileName)),
    )
  const syntax = own.flatMap((file) => [...program.getSyntacticDiagnostics(file)])
  if (syntax.length > 0) return typeDiagnostics(syntax, 'LF_PROGRAM_SYNTAX', fileName)
  return [
    ...typeDiagnostics([...(config?.errors ?? []), ...program.getOptionsDiagnostics()], 'LF_PROGRAM_TYPE', fileName),
    ...typeDiagnostics(
      own.flatMap((file) => [...program.getSemanticDiagnostics(file)]),
      'LF_PROGRAM_TYPE',
      fileName,
    ),
    ...own.flatMap((file) => dynamicImports(file, fileName(file.fileName))),
  ]
}

function readConfig(path: string): ts.ParsedCommandLine {
  const source = ts.readJsonConfigFile(path, ts.sys.readFile)
  const parsed = ts.parseJsonSourceFileConfigFileContent(source, ts.sys, dirname(path), undefined, path)
  // "No inputs were found" does not matter: the program is the input.
  return { ...parsed, errors: parsed.errors.filter(({ code }) => code !== 18003) }
}
