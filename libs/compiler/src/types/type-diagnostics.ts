import ts from 'typescript'
import { isBuiltin } from 'node:module'
import { errorAt } from '../diagnostic.ts'
import type { Diagnostic } from '../program.ts'
import { refusal } from '../bundle/import-plugin.ts'

const diagnosticsMax = 100

/** TypeScript's numbers of "Cannot find module". */
const missingModule: ReadonlySet<number> = new Set([2307, 2732, 2792, 2882, 7016])
/** … and of "Cannot find name, do you need to install type definitions", whose advice is wrong in a program. */
const missingGlobal: ReadonlySet<number> = new Set([2580, 2584, 2591, 2592, 2593])

/** The diagnostics of TypeScript as the project's own; the first {@link diagnosticsMax} errors of them. */
export function typeDiagnostics(
  found: readonly ts.Diagnostic[],
  code: 'LF_PROGRAM_SYNTAX' | 'LF_PROGRAM_TYPE',
  fileName: (path: string) => string,
): readonly Diagnostic[] {
  return found
    .filter(({ category }) => category === ts.DiagnosticCategory.Error)
    .slice(0, diagnosticsMax)
    .map((diagnostic) => {
      const { file, start } = diagnostic
      if (!file || start === undefined) return errorAt('tsconfig.json', code, messageOf(diagnostic))
      const { line, character } = file.getLineAndCharacterOfPosition(start)
      const place = { file: fileName(file.fileName), line: line + 1, column: character + 1 }
      return missingModule.has(diagnostic.code) || isBuiltin(specifierOf(diagnostic))
        ? errorAt(place.file, 'LF_PROGRAM_IMPORT', importMessage(diagnostic), place)
        : errorAt(place.file, code, messageOf(diagnostic), place)
    })
}

function importMessage(diagnostic: ts.Diagnostic): string {
  const name = specifierOf(diagnostic)
  return isBuiltin(name) ? refusal(name) : messageOf(diagnostic)
}

/** The module's name where a diagnostic is about one; empty elsewhere. */
function specifierOf({ file, start, length }: ts.Diagnostic): string {
  return /^(['"`])(.*)\1$/.exec(file?.text.slice(start, start! + (length ?? 0)) ?? '')?.[2] ?? ''
}

function messageOf(diagnostic: ts.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
  if (!missingGlobal.has(diagnostic.code)) return text
  return `${text.slice(0, text.indexOf('.') + 1)} Only the language's own globals and a few more (console, TextDecoder, URL, …) are there in a program.`
}
