import { LightflusError } from '@lightflus/api'
import type { OperatorContext } from './operator.ts'

/**
 * State is meaningful only to an operator of the same shape as the one that left it.
 * @param restored how the checkpoint describes what it holds; `present` is how this operator describes itself.
 * @throws LF_RESTORE_MISMATCH when they differ.
 */
export function assertShape({ job, operator }: OperatorContext, restored: string, present: string): void {
  if (restored === present) return
  const { id } = operator.node
  throw new LightflusError(
    'LF_RESTORE_MISMATCH',
    `Job ${job}: the checkpoint's state of operator ${id} is of '${restored}', the program's is '${present}'.`,
    { details: { job, operator: id } },
  )
}
