import type { Expression, ObjectExpression } from 'acorn'
import { everything } from './demand.ts'
import { FunctionWalk } from './function-walk.ts'
import type { FunctionUse, ResultShape } from './function-use.ts'
import { parseFunction } from './parse-function.ts'
import { blockScope, declareNames, declareVars, other, Scope } from './scope.ts'
import { Unproven } from './unproven.ts'

/**
 * What a function of the program does with a record, told from its text. Whatever is not proven counts as looking at all
 * of it: the reason then says why. It takes some tens of microseconds, and never throws.
 * @param parameter which of the function's parameters is the record.
 */
export function analyse(fn: object, parameter = 0): FunctionUse {
  try {
    return useOf(fn, parameter)
  } catch (thrown) {
    if (thrown instanceof Unproven) return wholeUse(thrown.reason)
    // Text nested so deeply that the stack ends.
    if (thrown instanceof RangeError) return wholeUse('it is too deeply nested')
    throw thrown
  }
}

export function wholeUse(reason: string): FunctionUse {
  return { reads: everything, result: { kind: 'computed' }, reason }
}

function useOf(fn: object, parameter: number): FunctionUse {
  const { node, text } = parseFunction(fn)
  const walk = new FunctionWalk(text)
  const outer = new Scope()
  if (node.type === 'FunctionExpression' && node.id) outer.declare(node.id.name)
  const scope = new Scope(outer)
  node.params.forEach((pattern, index) => {
    if (pattern.type === 'RestElement' ? index <= parameter : pattern.type === 'AssignmentPattern')
      throw new Unproven('a parameter with a default, or the rest of the parameters')
    declareNames(scope, pattern)
  })
  const record = { paths: [[]], isExact: true }
  node.params.forEach((pattern, index) => walk.bind(pattern, index === parameter ? record : other, scope))

  const result = shapeOfBody()
  walk.walkInnerFunctions()
  const { reads, reason } = walk
  return { reads, result, ...(reads.whole && reason !== undefined && { reason }) }

  function shapeOfBody(): ResultShape {
    const { body } = node
    if (body.type !== 'BlockStatement') return shapeOf(body, walk, scope)
    declareVars(scope, body)
    const own = blockScope(scope, body.body)
    const last = body.body.at(-1)
    const before = last?.type === 'ReturnStatement' ? body.body.slice(0, -1) : body.body
    for (const statement of before) walk.statement(statement, own)
    if (last?.type !== 'ReturnStatement' || !last.argument) return { kind: 'computed' }
    if (!walk.returned) return shapeOf(last.argument, walk, own)
    walk.statement(last, own)
    return { kind: 'computed' }
  }
}

function shapeOf(node: Expression, walk: FunctionWalk, scope: Scope): ResultShape {
  if (node.type === 'ObjectExpression') {
    const names = plainNames(node)
    if (names !== undefined) {
      const fields = names.map(([name, value]) => [name, shapeOf(value, walk, scope)] as const)
      return { kind: 'object', fields: new Map(fields) }
    }
  }
  const value = walk.evaluate(node, scope)
  if (value.isExact) return { kind: 'path', path: value.paths[0] }
  walk.escape(value, node, 'given back in one of several ways')
  return { kind: 'computed' }
}

/** Undefined where the fields of the object are not just those that stand there, in that order. */
function plainNames(node: ObjectExpression): (readonly [string, Expression])[] | undefined {
  const names = new Map<string, Expression>()
  for (const property of node.properties) {
    if (property.type !== 'Property' || property.computed || property.method || property.kind !== 'init')
      return undefined
    const { key } = property
    const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? key.value : undefined
    if (typeof name !== 'string' || names.has(name) || isSpecial(name)) return undefined
    names.set(name, property.value)
  }
  return [...names]
}

/** Numbers stand before all other names, and JSON.stringify and promises ask for two others. */
const isSpecial = (name: string): boolean =>
  name in Object.prototype || name === 'toJSON' || name === 'then' || /^\d+$/.test(name)
