import { parse, type ArrowFunctionExpression, type Expression, type FunctionExpression } from 'acorn'
import { Unproven } from './unproven.ts'

export interface ParsedFunction {
  readonly node: ArrowFunctionExpression | FunctionExpression
  /** What the positions of nodes are positions in. */
  readonly text: string
}

/** Taken before any program runs, so that none can put another in its place. */
const sourceOf = (() => {
  const { toString } = Function.prototype
  return (fn: object) => Reflect.apply(toString, fn, []) as string
})()

/** A function of the program as it is written. @throws Unproven where its text does not tell all that it does. */
export function parseFunction(fn: object): ParsedFunction {
  if ('batch' in fn) throw new Unproven('a function of whole batches')
  const text = sourceOf(fn)
  if (/\{\s*\[native code\]\s*\}$/.test(text)) throw new Unproven('a bound, native or Proxy function')
  // Outside modules these begin comments, so that the text would mean something else there.
  if (text.includes('<!--') || text.includes('-->')) throw new Unproven('an HTML comment, or what looks like one')
  const parsed = parseAsFunction(text)
  if (parsed.node.async || parsed.node.generator) throw new Unproven('an async or a generator function')
  // Of a sloppy function, whatever it calls could read its arguments.
  if (showsArguments(fn)) throw new Unproven('a function that is not in strict mode')
  return parsed
}

/** Of a strict function, an arrow function or a method, this cannot be asked for. */
function showsArguments(fn: object): boolean {
  if (Object.hasOwn(fn, 'arguments')) return true
  try {
    void (fn as { readonly arguments: unknown }).arguments
    return true
  } catch {
    return false
  }
}

function parseAsFunction(source: string): ParsedFunction {
  const text = `(${source}\n)`
  const node = expressionOf(text)
  if (node?.type === 'ArrowFunctionExpression' || node?.type === 'FunctionExpression') return { node, text }
  if (node?.type === 'ClassExpression') throw new Unproven('a class')
  const asMethod = `({${source}\n})`
  const object = expressionOf(asMethod)
  const method =
    object?.type === 'ObjectExpression' && object.properties.length === 1 ? object.properties[0] : undefined
  if (method?.type === 'Property' && method.method && method.value.type === 'FunctionExpression')
    return { node: method.value, text: asMethod }
  throw new Unproven('a text that is no function of JavaScript by itself')
}

/** Parsed as a module, since programs are modules; undefined where it is no expression. */
function expressionOf(text: string): Expression | undefined {
  try {
    const { body } = parse(text, { ecmaVersion: 'latest', sourceType: 'module' })
    const only = body.length === 1 ? body[0] : undefined
    return only?.type === 'ExpressionStatement' ? only.expression : undefined
  } catch {
    return undefined
  }
}
