import type { BinaryExpression } from 'acorn'
import type { Scope } from './scope.ts'

/** `x === null`, `undefined != x`: of x nothing counts but whether it is there. */
export function isComparedToNothing({ operator, left, right }: BinaryExpression, scope: Scope): boolean {
  return (
    ['==', '!=', '===', '!=='].includes(operator) &&
    [left, right].some(
      (side) =>
        (side.type === 'Literal' && side.raw === 'null') ||
        (side.type === 'Identifier' && side.name === 'undefined' && !scope.knows('undefined')),
    )
  )
}
