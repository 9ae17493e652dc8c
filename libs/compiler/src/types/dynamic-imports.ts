import ts from 'typescript'
import { errorAt } from '../diagnostic.ts'
import type { Diagnostic } from '../program.ts'

/** Imports whose module is only known when they run: nothing could be bundled for them. */
export function dynamicImports(source: ts.SourceFile, file: string): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      node.expression.kind === ts.SyntaxKind.ImportKeyword &&
      !isText(node.arguments[0])
    ) {
      const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source))
      const place = { file, line: line + 1, column: character + 1 }
      found.push(errorAt(file, 'LF_PROGRAM_IMPORT', 'import() must name its module by a literal text.', place))
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function isText(node: ts.Node | undefined): boolean {
  return node !== undefined && ts.isStringLiteralLike(node)
}
