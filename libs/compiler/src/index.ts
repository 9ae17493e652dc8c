export { checkFile, checkFileTypes, bundleProgram, projectRoot } from './check-file.ts'
export { checkProgram, programLengthMax } from './check-program.ts'
export { closeBuild, closeCompiler } from './close-compiler.ts'
export { hasError } from './diagnostic.ts'
export type { BundleResult } from './bundle/bundle.ts'
export type {
  BuildLimits,
  Bundle,
  CheckedProgram,
  CheckOptions,
  ConnectionUse,
  Diagnostic,
  InvalidProgram,
  Program,
  ValidProgram,
} from './program.ts'
