import type {
  AnyNode,
  ArrowFunctionExpression,
  AssignmentExpression,
  BinaryExpression,
  BlockStatement,
  Expression,
  ForOfStatement,
  ForStatement,
  FunctionDeclaration,
  FunctionExpression,
  MemberExpression,
  ObjectExpression,
  Pattern,
  PrivateIdentifier,
  Property,
  Statement,
  SwitchStatement,
  UnaryExpression,
  VariableDeclaration,
} from 'acorn'
import { isComparedToNothing } from './compared-to-nothing.ts'
import { at, everything, nothing, union, type Demand } from './demand.ts'
import { blockScope, declareNames, declareVars, either, isFollowed, other, Scope, type Value } from './scope.ts'
import { reasonAt, Unproven } from './unproven.ts'

type FunctionNode = ArrowFunctionExpression | FunctionExpression | FunctionDeclaration

/**
 * Follows the record through one function. Every expression is asked what of the record it may be; wherever that is used
 * for anything but to take a field of it, the use is noted in `reads`: its kind where only that counts, else the whole.
 *
 * It does not follow control flow: what stands in a function counts as done. That is sound because what a name stands for
 * never changes (only constants are followed), and because nothing on this list goes by unnoticed:
 *
 * 1. A value of the record that becomes part of another, is handed to a function or is given back is noted as whole.
 * 2. So is one that a method is called on, which may look at all of it, and change it.
 * 3. A field that every object has by its prototype says something of the object even where the record has no such
 *    field, so it is noted as the whole object.
 * 4. Whatever could reach the record by another way than its names (arguments, eval), could change it, or is a form that
 *    this file does not know, ends the walk.
 */
export class FunctionWalk {
  reads: Demand = nothing
  /** Why the record as a whole is wanted, of the first place where it is. */
  reason: string | undefined
  /** Whether a statement that was walked may end the function. */
  returned = false
  readonly #text: string
  /** Bodies of inner functions: they may use names whose constants stand after them. */
  readonly #inner: (() => void)[] = []

  constructor(text: string) {
    this.#text = text
  }

  /** To be called once all else has been walked. */
  walkInnerFunctions(): void {
    for (let walk = this.#inner.pop(); walk !== undefined; walk = this.#inner.pop()) walk()
  }

  /** Gives the names of a pattern their values. */
  bind(pattern: Pattern, value: Value, scope: Scope): void {
    if (pattern.type === 'Identifier') return scope.declare(pattern.name, value)
    if (pattern.type !== 'ObjectPattern' || value.paths.length === 0) {
      this.escape(value, pattern, 'taken apart as an array, or with a default')
      return this.#bindOthers(pattern, scope)
    }
    this.#note(value, nothing)
    for (const property of pattern.properties) {
      if (property.type === 'RestElement') {
        this.escape(value, property, 'all other fields')
        this.#bindOthers(property.argument, scope)
        continue
      }
      const name = this.#nameOf(property.key, property.computed)
      if (name === undefined) {
        this.escape(value, pattern, 'a computed field')
        this.#escapeExpression(property.key as Expression, scope)
        this.#bindOthers(property.value, scope)
      } else this.bind(property.value, this.#fieldOf(value, name, property), scope)
    }
  }

  /** What of the record an expression is or may be; what it does with the record on the way is noted. */
  evaluate(node: Expression | PrivateIdentifier, scope: Scope): Value {
    switch (node.type) {
      case 'Identifier':
        if (node.name === 'arguments' || node.name === 'eval') throw this.#unproven(node, 'may reach the record')
        return scope.valueOf(node.name)
      case 'Literal':
        return other
      case 'MemberExpression':
        return this.#member(node, scope)
      case 'ChainExpression':
      case 'ParenthesizedExpression':
        return this.evaluate(node.expression, scope)
      case 'LogicalExpression': {
        const left = this.evaluate(node.left, scope)
        this.#note(left, nothing)
        return either(left, this.evaluate(node.right, scope))
      }
      case 'ConditionalExpression':
        this.#test(node.test, scope)
        return either(this.evaluate(node.consequent, scope), this.evaluate(node.alternate, scope))
      case 'SequenceExpression': {
        const values = node.expressions.map((each) => this.evaluate(each, scope))
        for (const value of values) this.#note(value, nothing)
        return either(values.at(-1)!, other)
      }
      case 'UnaryExpression':
        return this.#unary(node, scope)
      case 'BinaryExpression':
        return this.#binary(node, scope)
      case 'TemplateLiteral':
        for (const each of node.expressions) this.#escapeExpression(each, scope, 'made a text')
        return other
      case 'TaggedTemplateExpression':
        this.#callee(node.tag, scope)
        for (const each of node.quasi.expressions) this.#escapeExpression(each, scope, 'handed to a function')
        return other
      case 'CallExpression':
      case 'NewExpression':
        if (node.callee.type === 'Super') throw this.#unproven(node, 'a call of super')
        this.#callee(node.callee, scope)
        for (const each of node.arguments) this.#element(each, scope, 'handed to a function')
        return other
      case 'ArrayExpression':
        for (const each of node.elements) if (each) this.#element(each, scope, 'put into an array')
        return other
      case 'ObjectExpression':
        for (const each of node.properties) this.#property(each, scope)
        return other
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
        this.#innerFunction(node, scope)
        return other
      case 'AssignmentExpression':
        return this.#assignment(node, scope)
      case 'UpdateExpression':
        this.#change(node.argument, node, scope)
        return other
      default:
        throw this.#unproven(node, `it has ${node.type}`)
    }
  }

  statement(node: Statement, scope: Scope): void {
    switch (node.type) {
      case 'EmptyStatement':
      case 'BreakStatement':
      case 'ContinueStatement':
        return
      case 'ExpressionStatement':
        return this.#test(node.expression, scope)
      case 'ReturnStatement':
        this.returned = true
        if (node.argument) this.#escapeExpression(node.argument, scope, 'given back in one of several ways')
        return
      case 'ThrowStatement':
        return this.#escapeExpression(node.argument, scope, 'thrown')
      case 'BlockStatement':
        return this.block(node, scope)
      case 'IfStatement':
        this.#test(node.test, scope)
        this.statement(node.consequent, blockScope(scope, [node.consequent]))
        if (node.alternate) this.statement(node.alternate, blockScope(scope, [node.alternate]))
        return
      case 'WhileStatement':
      case 'DoWhileStatement':
        this.#test(node.test, scope)
        return this.statement(node.body, scope)
      case 'LabeledStatement':
        return this.statement(node.body, scope)
      case 'ForStatement':
        return this.#for(node, scope)
      case 'ForOfStatement':
        return this.#forOf(node, scope)
      case 'SwitchStatement':
        return this.#switch(node, scope)
      case 'TryStatement': {
        this.block(node.block, scope)
        if (node.handler) {
          const caught = new Scope(scope)
          if (node.handler.param) this.#bindOthers(node.handler.param, caught)
          this.block(node.handler.body, caught)
        }
        if (node.finalizer) this.block(node.finalizer, scope)
        return
      }
      case 'VariableDeclaration':
        return this.#declaration(node, scope)
      case 'FunctionDeclaration':
        return this.#innerFunction(node as FunctionDeclaration, scope)
      default:
        throw this.#unproven(node, `it has ${node.type}`)
    }
  }

  block(node: BlockStatement, outer: Scope): void {
    const scope = blockScope(outer, node.body)
    for (const statement of node.body) this.statement(statement, scope)
  }

  #declaration(node: VariableDeclaration, scope: Scope): void {
    if (node.kind !== 'const' && node.kind !== 'let' && node.kind !== 'var') throw this.#unproven(node, 'it disposes')
    for (const { id, init } of node.declarations) {
      const value = init ? this.evaluate(init, scope) : other
      if (isFollowed(node)) this.bind(id, value, scope)
      else {
        this.escape(value, node, 'kept in a variable that may change')
        this.#expressionsOf(id, scope)
      }
    }
  }

  #for(node: ForStatement, outer: Scope): void {
    const scope = new Scope(outer)
    if (node.init?.type === 'VariableDeclaration') {
      if (node.init.kind !== 'var') for (const { id } of node.init.declarations) declareNames(scope, id)
      this.#declaration(node.init, scope)
    } else if (node.init) this.#test(node.init, scope)
    if (node.test) this.#test(node.test, scope)
    if (node.update) this.#test(node.update, scope)
    this.statement(node.body, scope)
  }

  #forOf(node: ForOfStatement, outer: Scope): void {
    if (node.await) throw this.#unproven(node, 'it awaits')
    if (node.left.type !== 'VariableDeclaration') throw this.#unproven(node, 'a loop over a variable from outside')
    const scope = new Scope(outer)
    for (const { id } of node.left.declarations) {
      if (node.left.kind === 'var') this.#expressionsOf(id, scope)
      else this.#bindOthers(id, scope)
    }
    this.#escapeExpression(node.right, scope, 'looped over')
    this.statement(node.body, scope)
  }

  #switch(node: SwitchStatement, outer: Scope): void {
    this.#escapeExpression(node.discriminant, outer, 'compared')
    const scope = blockScope(outer, node.cases)
    for (const { test, consequent } of node.cases) {
      if (test) this.#escapeExpression(test, scope, 'compared')
      for (const statement of consequent) this.statement(statement, scope)
    }
  }

  #unary(node: UnaryExpression, scope: Scope): Value {
    const { operator, argument } = node
    if (operator === '!' || operator === 'typeof' || operator === 'void') this.#test(argument, scope)
    else if (operator === 'delete') this.#change(argument, node, scope)
    else this.#escapeExpression(argument, scope, `by ${operator}`)
    return other
  }

  #binary(node: BinaryExpression, scope: Scope): Value {
    const isTest = isComparedToNothing(node, scope)
    for (const side of [node.left, node.right]) {
      if (isTest) this.#note(this.evaluate(side, scope), nothing)
      else this.#escapeExpression(side, scope, `by ${node.operator}`)
    }
    return other
  }

  #member(node: MemberExpression, scope: Scope): Value {
    if (node.object.type === 'Super') throw this.#unproven(node, 'it uses super')
    const value = this.evaluate(node.object, scope)
    const name = this.#nameOf(node.property, node.computed)
    if (name !== undefined) return this.#fieldOf(value, name, node)
    this.escape(value, node, 'a computed field')
    this.#escapeExpression(node.property as Expression, scope, 'as the name of a field')
    return other
  }

  #fieldOf(value: Value, name: string, node: AnyNode): Value {
    if (value.paths.length === 0) return other
    if (name in Object.prototype || name === '__proto__') {
      this.escape(value, node, 'a field that every object has')
      return other
    }
    this.#note(value, nothing)
    // Most likely that of a text or an array.
    const isLength = name === 'length'
    if (isLength) this.#note({ ...value, paths: value.paths.filter(({ length }) => length > 0) }, everything)
    return { paths: value.paths.map((path) => [...path, name]), isExact: value.isExact && !isLength }
  }

  #nameOf(key: Expression | PrivateIdentifier, computed: boolean): string | undefined {
    if (key.type === 'PrivateIdentifier') throw this.#unproven(key, 'a private field')
    if (!computed && key.type === 'Identifier') return key.name
    return key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined
  }

  #callee(node: Expression, scope: Scope): void {
    const callee = node.type === 'ChainExpression' || node.type === 'ParenthesizedExpression' ? node.expression : node
    if (callee.type !== 'MemberExpression') return this.#escapeExpression(callee, scope, 'called')
    if (callee.object.type === 'Super') throw this.#unproven(node, 'it uses super')
    this.#escapeExpression(callee.object, scope, 'a method is called on it')
    if (callee.computed) this.#escapeExpression(callee.property as Expression, scope, 'as the name of a method')
  }

  #element(node: AnyNode, scope: Scope, what: string): void {
    const isSpread = node.type === 'SpreadElement'
    this.#escapeExpression(isSpread ? node.argument : (node as Expression), scope, isSpread ? 'spread' : what)
  }

  #property(node: ObjectExpression['properties'][number], scope: Scope): void {
    if (node.type === 'SpreadElement') return this.#escapeExpression(node.argument, scope, 'spread')
    if (node.computed) this.#escapeExpression(node.key as Expression, scope, 'as the name of a field')
    this.#escapeExpression(node.value, scope, 'put into an object')
  }

  #assignment(node: AssignmentExpression, scope: Scope): Value {
    this.#change(node.left, node, scope)
    this.#escapeExpression(node.right, scope, 'kept in a variable')
    return other
  }

  /** Something is assigned to, or deleted: nothing of the record may be. */
  #change(target: Pattern | Expression, node: AnyNode, scope: Scope): void {
    if (target.type === 'Identifier') {
      if (scope.valueOf(target.name).paths.length > 0)
        throw this.#unproven(node, 'it changes what stands for the record')
    } else if (target.type === 'MemberExpression' && target.object.type !== 'Super') {
      const value = this.evaluate(target.object, scope)
      if (value.paths.length > 0) throw this.#unproven(node, 'it changes the record')
      if (target.computed) this.#escapeExpression(target.property as Expression, scope, 'as the name of a field')
    } else throw this.#unproven(node, 'it changes what is not followed')
  }

  #innerFunction(node: FunctionNode, outer: Scope): void {
    if (node.async || node.generator) throw this.#unproven(node, 'an async or a generator function')
    this.#inner.push(() => {
      const scope = new Scope(outer)
      if (node.type === 'FunctionExpression' && node.id) scope.declare(node.id.name)
      const own = new Scope(scope)
      for (const parameter of node.params) this.#bindOthers(parameter, own)
      if (node.body.type !== 'BlockStatement') return this.#escapeExpression(node.body, own, 'given back')
      declareVars(own, node.body)
      this.block(node.body, own)
    })
  }

  /** Names for what is not of the record. */
  #bindOthers(pattern: Pattern, scope: Scope): void {
    declareNames(scope, pattern)
    this.#expressionsOf(pattern, scope)
  }

  /** Defaults and computed names in a pattern. */
  #expressionsOf(pattern: Pattern, scope: Scope): void {
    switch (pattern.type) {
      case 'Identifier':
        return
      case 'AssignmentPattern':
        this.#escapeExpression(pattern.right, scope, 'a default')
        return this.#expressionsOf(pattern.left, scope)
      case 'RestElement':
        return this.#expressionsOf(pattern.argument, scope)
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element) this.#expressionsOf(element, scope)
        return
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.type === 'Property' && property.computed)
            this.#escapeExpression((property as Property).key, scope, 'as the name of a field')
          this.#expressionsOf(property.type === 'Property' ? property.value : property, scope)
        }
        return
      default:
        throw this.#unproven(pattern, 'it changes what is not followed')
    }
  }

  #test(node: Expression, scope: Scope): void {
    this.#note(this.evaluate(node, scope), nothing)
  }

  #escapeExpression(node: Expression | PrivateIdentifier, scope: Scope, what = 'used as a whole'): void {
    this.escape(this.evaluate(node, scope), node, what)
  }

  /** Notes that all of a value may be looked at. */
  escape(value: Value, node: AnyNode, what: string): void {
    this.#note(value, everything)
    if (value.paths.some(({ length }) => length === 0)) this.reason ??= reasonAt(this.#text, node, what)
  }

  #note({ paths }: Value, demand: Demand): void {
    for (const path of paths) this.reads = union(this.reads, at(path, demand))
  }

  #unproven(node: AnyNode, what: string): Unproven {
    return new Unproven(reasonAt(this.#text, node, what))
  }
}
