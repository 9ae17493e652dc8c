import type {
  BlockStatement,
  Function as AnyFunction,
  ModuleDeclaration,
  Pattern,
  Statement,
  SwitchCase,
  VariableDeclaration,
} from 'acorn'
import { Unproven } from './unproven.ts'

export type Path = readonly string[]

/** What of the record an expression may be. Other things it may be as well, unless it `isExact`: then it is that path. */
export interface Value {
  readonly paths: readonly Path[]
  readonly isExact: boolean
}

/** Nothing of the record. */
export const other: Value = { paths: [], isExact: false }

/** What is one or the other. */
export function either(a: Value, b: Value): Value {
  return { paths: [...a.paths, ...b.paths], isExact: false }
}

/** What names stand for. A name that no scope knows is from outside the function, where the record has never been. */
export class Scope {
  readonly #names = new Map<string, Value>()
  readonly #outer: Scope | undefined

  constructor(outer?: Scope) {
    this.#outer = outer
  }

  declare(name: string, value: Value = other): void {
    this.#names.set(name, value)
  }

  /** Of `var`: it is the parameter of the same name, where there is one, which then could change. */
  declareVar(name: string): void {
    const parameter = this.#names.get(name)
    if (parameter === undefined) this.#names.set(name, other)
    else if (parameter.paths.length > 0) throw new Unproven(`var ${name}: another name for the record`)
  }

  knows(name: string): boolean {
    return this.#names.has(name) || (this.#outer?.knows(name) ?? false)
  }

  valueOf(name: string): Value {
    return this.#names.get(name) ?? this.#outer?.valueOf(name) ?? other
  }
}

/** Whether the names of this declaration stand for parts of the record: they never change. */
export const isFollowed = ({ kind }: VariableDeclaration): boolean => kind === 'const'

/** A scope that knows the names of a block before they are reached, as shadowing begins at the block's start. */
export function blockScope(
  outer: Scope,
  statements: readonly (Statement | ModuleDeclaration)[] | readonly SwitchCase[],
): Scope {
  const scope = new Scope(outer)
  for (const statement of statements) {
    if (statement.type === 'SwitchCase') declareLexical(scope, statement.consequent)
    else declareLexical(scope, [statement as Statement])
  }
  return scope
}

function declareLexical(scope: Scope, statements: readonly Statement[]): void {
  for (const statement of statements) {
    if (statement.type === 'FunctionDeclaration') scope.declare(statement.id.name)
    if (statement.type === 'VariableDeclaration' && statement.kind !== 'var')
      for (const { id } of statement.declarations) declareNames(scope, id)
  }
}

export function declareNames(scope: Scope, pattern: Pattern): void {
  for (const name of namesOf(pattern)) scope.declare(name)
}

function namesOf(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((each) => namesOf(each.type === 'Property' ? each.value : each.argument))
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? namesOf(element) : []))
    case 'AssignmentPattern':
      return namesOf(pattern.left)
    case 'RestElement':
      return namesOf(pattern.argument)
    default:
      throw new Unproven(`a name that is a ${pattern.type}`)
  }
}

/** Names declared by `var` anywhere in a function belong to the whole of it. */
export function declareVars(scope: Scope, body: AnyFunction['body']): void {
  if (body.type === 'BlockStatement') for (const statement of body.body) varsOf(scope, statement)
}

function varsOf(scope: Scope, statement: Statement | null | undefined): void {
  switch (statement?.type) {
    case 'VariableDeclaration':
      if (statement.kind === 'var')
        for (const { id } of statement.declarations) for (const name of namesOf(id)) scope.declareVar(name)
      return
    case 'BlockStatement':
      return blockVars(scope, statement)
    case 'IfStatement':
      varsOf(scope, statement.consequent)
      return varsOf(scope, statement.alternate)
    case 'ForStatement':
      if (statement.init?.type === 'VariableDeclaration') varsOf(scope, statement.init)
      return varsOf(scope, statement.body)
    case 'ForOfStatement':
      if (statement.left.type === 'VariableDeclaration') varsOf(scope, statement.left)
      return varsOf(scope, statement.body)
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'LabeledStatement':
      return varsOf(scope, statement.body)
    case 'SwitchStatement':
      for (const { consequent } of statement.cases) for (const each of consequent) varsOf(scope, each)
      return
    case 'TryStatement':
      blockVars(scope, statement.block)
      if (statement.handler) blockVars(scope, statement.handler.body)
      if (statement.finalizer) blockVars(scope, statement.finalizer)
  }
}

function blockVars(scope: Scope, block: BlockStatement): void {
  for (const statement of block.body) varsOf(scope, statement)
}
