import type { ErrorCode, Graph } from '@lightflus/api'

/** A program as its author wrote it: one file that may import `lightflus` and `zod`. */
export interface Program {
  /** A bare name such as `word-count.ts`; it stands in diagnostics and stack traces. */
  readonly fileName: string
  readonly text: string
}

/** A problem of a program, at its place. Structurally equal to the REST API's diagnostic. */
export interface Diagnostic {
  /** A program with an error cannot be deployed; one with warnings can. */
  readonly severity: 'error' | 'warning'
  readonly code: ErrorCode
  readonly message: string
  /** Relative to the program's folder. */
  readonly file: string
  /** Line and column count from 1, columns in UTF-16 units; null where the problem has no place. */
  readonly line: number | null
  readonly column: number | null
}

/** The program as one self-contained ES module: its default export is the job. */
export interface Bundle {
  /** Ends with its source map as a data URL, so that a stack trace needs nothing but this text. */
  readonly text: string
  /** The same source map as JSON text; it maps the author's files only. */
  readonly sourceMap: string
  /** SHA-256 of the text in UTF-8, as hex. The same program and platform always give the same. */
  readonly sha256: string
}

/** A named connection that a program needs. */
export interface ConnectionUse {
  readonly name: string
  /** The connector's kind, such as `kafka`. */
  readonly connector: string
  /** The operators that use it. */
  readonly operators: readonly string[]
}

/** All that a check finds. Bundle, graph and hash are null exactly where some diagnostic is an error. */
export type CheckedProgram = ValidProgram | InvalidProgram

export interface ValidProgram {
  readonly diagnostics: readonly Diagnostic[]
  readonly bundle: Bundle
  readonly graph: Graph
  /** SHA-256 of the canonical graph, as hex: what a worker compares its own graph with. */
  readonly graphHash: string
  readonly connections: readonly ConnectionUse[]
  /** What the program wrote to its console while its graph was built: 100 lines at most. */
  readonly console: readonly string[]
}

export interface InvalidProgram {
  readonly diagnostics: readonly Diagnostic[]
  readonly bundle: null
  readonly graph: null
  readonly graphHash: null
  readonly connections: readonly []
  readonly console: readonly string[]
}

/** What building the graph may cost. */
export interface BuildLimits {
  /** Milliseconds that the program's top level and its build function may take. Default 2 000. */
  readonly buildMsMax: number
  /** Bytes that the sandbox may allocate. Default 128 MiB. */
  readonly memoryBytesMax: number
}

export interface CheckOptions {
  /** False: leave type errors out; syntax, imports and graph are checked all the same. Default true. */
  readonly types?: boolean
  /**
   * True: this process runs the program anyway, so that its graph is built in a context of its own engine instead of the
   * sandbox, in a fifth of the time, and a program in files only. Default false.
   */
  readonly trusted?: boolean
  readonly limits?: Partial<BuildLimits>
}
