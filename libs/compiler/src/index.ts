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
