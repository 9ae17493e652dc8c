import ts from 'typescript'

/** How programs are compiled where their author says nothing else. */
export const programOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  lib: ['lib.es2024.d.ts', 'lib.esnext.temporal.d.ts'],
  module: ts.ModuleKind.ESNext,
  strict: true,
  types: [],
  jsx: ts.JsxEmit.Preserve,
  noFallthroughCasesInSwitch: true,
}

/** What holds for every program, whatever a project's tsconfig.json says: how it is bundled leaves no choice. */
export const requiredOptions: ts.CompilerOptions = {
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  module: ts.ModuleKind.ESNext,
  noEmit: true,
  composite: false,
  incremental: false,
  declaration: false,
  declarationMap: false,
  sourceMap: false,
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: false,
  isolatedModules: true,
  skipLibCheck: true,
}
