import { LightflusError, type Key } from '@lightflus/api'
import { canMigrate, migrateWith } from '../migration.ts'
import type { OperatorContext } from '../operator.ts'
import { assertShape } from '../restored-shape.ts'
import { shapeOf, type Cell, type Fold, type FoldPart } from './fold.ts'

/** What a subtask's state says of the fold of its cells. */
export interface FoldedState {
  readonly shape: string
  /** Absent in checkpoints from before folds could change. */
  readonly fold?: readonly FoldPart[]
}

/** Makes a cell of the present fold out of one of a checkpoint. */
export type TakeCell = (cell: Cell, key: Key) => Cell

/** An operator's fold, and how it stands in its state's shape. */
export interface RestoredFold {
  readonly context: OperatorContext
  readonly fold: Fold
  /** The state's shape, if its fold had that shape. */
  readonly shapeWith: (fold: string) => string
  /** What a state of the same fold said of itself in former versions of this library. */
  readonly formerShape?: string | undefined
}

/** What a checkpoint says of a fold. */
export function foldedState({ fold, shapeWith }: RestoredFold): FoldedState {
  return { shape: shapeWith(fold.shape), fold: fold.parts }
}

/**
 * How cells of a checkpoint are taken. A part that the program has no more is left out. One that is new begins empty, where
 * the operator's option `startEmpty` names it.
 * @param states of all subtasks; one program wrote all of a checkpoint
 * @throws LF_RESTORE_MISMATCH, naming every part that does not fit; LF_STATE_MIGRATION from what it gives
 */
export function takeCells(states: readonly FoldedState[], restored: RestoredFold): TakeCell {
  let take: TakeCell = (cell) => cell
  for (const state of states) take = takeCellsOf(state, restored)
  return take
}

function takeCellsOf(
  { shape, fold: former }: FoldedState,
  { context, fold, shapeWith, formerShape }: RestoredFold,
): TakeCell {
  if (shape === shapeWith(fold.shape) || shape === formerShape) return (cell) => cell
  if (former === undefined || shape !== shapeWith(shapeOf(former))) {
    assertShape(context, shape, shapeWith(fold.shape))
    return (cell) => cell
  }
  const misfits = fold.parts.flatMap((part) => misfitOf(context, part, { former, fold }) ?? [])
  if (misfits.length > 0) throw refusal(context, misfits)
  const parts = fold.parts.map(({ name, version: to = 1 }) => {
    const at = former.findIndex((part) => part.name === name)
    const from = former[at]?.version ?? 1
    const migrate =
      at < 0 || from === to
        ? undefined
        : migrateWith(context, name || 'reduce', { from, to, migration: fold.migrations[name]! })
    return { at, migrate }
  })
  return (cell, key) => {
    const empty = fold.create()
    return parts.map(({ at, migrate }, i) => (at < 0 ? empty[i] : migrate ? migrate(cell[at], key) : cell[at]))
  }
}

interface Misfit {
  readonly what: string
  readonly remedy: string
}

function misfitOf(
  { operator }: OperatorContext,
  { name, form, version: to = 1 }: FoldPart,
  { former, fold }: { readonly former: readonly FoldPart[]; readonly fold: Fold },
): Misfit | undefined {
  const part = former.find((each) => each.name === name)
  const shown = name || 'the value'
  if (part === undefined) {
    const { startEmpty = [] } = operator.node.options as { readonly startEmpty?: readonly string[] }
    if (startEmpty.includes(name)) return undefined
    return {
      what: `${shown} is not in it`,
      remedy: `say \`startEmpty: ['${shown}']\` in the operator's options, so that ${shown} is of what comes from now on`,
    }
  }
  if (part.form !== form)
    return {
      what: `${shown} is ${part.form ?? 'a fold'}, and ${form ?? 'a fold'} in the program`,
      remedy: `give what is ${form ?? 'a fold'} another name`,
    }
  const { version: from = 1 } = part
  if (canMigrate(from, to, fold.migrations[name])) return undefined
  const what = `${shown} is of version ${from}, and of version ${to} in the program`
  return from > to
    ? {
        what,
        remedy: `deploy a program that knows version ${from} of ${shown}, or start from a checkpoint of the former version (--from)`,
      }
    : { what: `${what}, which has no migrate`, remedy: `give ${shown} a migrate` }
}

function refusal({ job, operator }: OperatorContext, misfits: readonly Misfit[]): LightflusError {
  const { id } = operator.node
  const remedies = [
    ...misfits.map(({ remedy }) => remedy),
    'or give the operator another name, and drop its state',
  ].join('; ')
  return new LightflusError(
    'LF_RESTORE_MISMATCH',
    `Job ${job}: the checkpoint's state of operator ${id} does not fit: ${misfits.map(({ what }) => what).join('; ')}.`,
    {
      details: { job, operator: id },
      nextStep: `${remedies[0]!.toUpperCase()}${remedies.slice(1)}: --drop-state ${id}.`,
    },
  )
}
