import ts from 'typescript'
import type { SourceFile } from './source-tree.ts'

/** What libs/api and libs/engine must not use, and what to use in its place. Programs and jobs depend on it being so. */
const bannedMembers: Readonly<Record<string, string>> = {
  'Date.now': 'the clock that the caller passes in',
  'Math.random': 'the randomness that the caller passes in',
  'performance.now': 'the clock that the caller passes in',
  'crypto.randomUUID': 'ids that the caller passes in',
  'Temporal.Now': 'the clock that the caller passes in',
}
const bannedGlobals: Readonly<Record<string, string>> = {
  setTimeout: 'the timers that the caller passes in',
  setInterval: 'the timers that the caller passes in',
  setImmediate: 'the timers that the caller passes in',
  fetch: 'a connector',
  process: 'options that the caller passes in',
}

/** Calls that would tie isomorphic code to one clock, one randomness or one platform: 'path:line: name; use …'. */
export function bannedCalls(file: SourceFile): string[] {
  const found: string[] = []
  visit(file, (node, line) => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      const name = `${node.expression.text}.${node.name.text}`
      if (Object.hasOwn(bannedMembers, name)) found.push(`${line()}: ${name}; use ${bannedMembers[name]}`)
      if (node.expression.text === 'process') found.push(`${line()}: process; use ${bannedGlobals.process}`)
    }
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const name = node.expression.text
      if (Object.hasOwn(bannedGlobals, name)) found.push(`${line()}: ${name}; use ${bannedGlobals[name]}`)
    }
    if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'Date') {
      if (!node.arguments?.length) found.push(`${line()}: new Date(); use ${bannedMembers['Date.now']}`)
    }
  })
  return found
}

/** Waits for a span of time in a test: 'path:line: …'. A wait that rejects, as a deadline does, is none. */
export function sleeps(file: SourceFile): string[] {
  const found: string[] = []
  visit(file, (node, line) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      if (/^(node:)?timers\/promises$/.test(node.moduleSpecifier.text)) found.push(`${line()}: imports a sleep`)
    }
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return
    const { text: name } = node.expression
    if (/^(sleep|delay|pause)$/.test(name)) found.push(`${line()}: ${name}()`)
    if (name === 'setTimeout' && resolvesPromise(node)) found.push(`${line()}: a promise resolved by setTimeout`)
  })
  return found.map((problem) => `${problem}; wait for a condition by until()`)
}

/** True for `setTimeout(resolve, …)` and `setTimeout(() => resolve(), …)` where a promise's executor names `resolve`. */
function resolvesPromise(call: ts.CallExpression): boolean {
  const [callback] = call.arguments
  const body = callback && (ts.isArrowFunction(callback) ? callback.body : callback)
  const called = body && ts.isCallExpression(body) ? body.expression : body
  if (!called || !ts.isIdentifier(called)) return false
  for (let node: ts.Node = call; node.parent; node = node.parent) {
    if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node)) continue
    if (!ts.isNewExpression(node.parent) || node.parent.expression.getText() !== 'Promise') continue
    const [resolve] = node.parameters
    return resolve?.name.getText() === called.text
  }
  return false
}

function visit(file: SourceFile, see: (node: ts.Node, line: () => string) => void): void {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true)
  const walk = (node: ts.Node) => {
    see(node, () => `${file.path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`)
    ts.forEachChild(node, walk)
  }
  walk(source)
}
