import type { ErrorCode } from '@lightflus/api'
import type { Diagnostic } from './program.ts'

/** A place in one of the author's files; both numbers count from 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** @param file where the problem is when its exact place is not known. */
export function errorAt(file: string, code: ErrorCode, message: string, place?: Position): Diagnostic {
  return diagnostic('error', file, code, message, place)
}

export function warningAt(file: string, code: ErrorCode, message: string, place?: Position): Diagnostic {
  return diagnostic('warning', file, code, message, place)
}

export function hasError(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error')
}

/** By place, errors of no place first: the order in which an author reads. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted(
    (a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  )
}

function diagnostic(
  severity: Diagnostic['severity'],
  file: string,
  code: ErrorCode,
  message: string,
  place: Position | undefined,
): Diagnostic {
  return {
    severity,
    code,
    message,
    file: place?.file ?? file,
    line: place?.line ?? null,
    column: place?.column ?? null,
  }
}
