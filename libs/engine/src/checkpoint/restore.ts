import { LightflusError } from '@lightflus/api'
import { subtaskOfKeyGroup } from '../key-group.ts'
import type { PhysicalPlan, SubtaskAddress } from '../plan/plan.ts'
import type { PreparedOutput } from '../sink-commits.ts'
import type { OperatorRestore, OperatorSnapshot, SubtaskRestore, SubtaskSnapshot } from './snapshot.ts'
import {
  commonKeyGroups,
  keyGroupsOfSubtask,
  type KeyGroupRange,
  type RestoredSegment,
  type StateSegment,
} from './state-segment.ts'

export interface RestoreOptions {
  /** What sinks prepared for checkpoints up to this one is committed, so nothing is lost where the plan has such a sink no more. Default 0. */
  readonly committedTo?: number
  /**
   * Operators whose state is dropped where the plan has none of their name and kind; `all` among them: every such operator,
   * but for sinks whose output is not committed, which are to be named. `operator/state`: one state of an operator, where the
   * operator cannot take it. Default: none.
   */
  readonly dropState?: readonly string[]
}

/**
 * What one subtask of the plan restores from, out of the snapshots of all subtasks of a checkpoint, whatever their
 * parallelism was: the key groups that it owns now, and every old subtask's own state. What it holds becomes the
 * subtask's own and changes in place, so snapshots that may be restored again are to be given as copies.
 *
 * @throws LF_RESTORE_MISMATCH when the checkpoint holds state of operators that the plan does not have or has as another
 * kind and that is not to be dropped, naming all of them; LF_CHECKPOINT_DAMAGED when a key group is in it twice.
 */
export function restoreSubtask(
  plan: PhysicalPlan,
  snapshots: readonly SubtaskSnapshot[],
  { chain: chainId, index }: SubtaskAddress,
  options: RestoreOptions = {},
): SubtaskRestore {
  const left = renamed(plan, snapshots.flatMap(operatorsOf))
  assertMatches(plan, left, options)
  const chain = plan.chains.find(({ id }) => id === chainId)!
  const restore = new Map<string, OperatorRestore>()
  for (const { id, kind } of chain.operators) {
    const own = left.filter((each) => each.operator === id && each.kind === kind)
    const dropped = droppedOf(id, options)
    if (own.length > 0) restore.set(id, { ...redistribute(plan.job, own, chain.parallelism, index), dropped })
  }
  return restore
}

/** One operator's state, and the key groups that its subtask had. */
interface LeftState extends OperatorSnapshot {
  readonly had: KeyGroupRange
}

/** A checkpoint holds a snapshot of every subtask that a chain had. */
function operatorsOf({ chain, index, operators }: SubtaskSnapshot, _: number, all: readonly SubtaskSnapshot[]) {
  const parallelism = Math.max(...all.map((each) => (each.chain === chain ? each.index + 1 : 1)))
  const had = keyGroupsOfSubtask(index, parallelism)
  return operators.map((each): LeftState => ({ ...each, had }))
}

/** Snapshots under the names that their operators have now, where the plan says what they had before. */
function renamed(plan: PhysicalPlan, snapshots: readonly LeftState[]): readonly LeftState[] {
  const kinds = new Map(snapshots.map(({ operator, kind }) => [operator, kind]))
  const heirs = new Map<string, string>()
  for (const { id, kind, formerly = [] } of plan.chains.flatMap(({ operators }) => operators)) {
    // What has another kind, or stands beside the state that is taken, is refused as that of an operator that is gone.
    const former = kinds.has(id) ? undefined : formerly.find((name) => kinds.get(name) === kind)
    if (former !== undefined) heirs.set(former, id)
  }
  if (heirs.size === 0) return snapshots
  return snapshots.map((each) => ({ ...each, operator: heirs.get(each.operator) ?? each.operator }))
}

/** States of one operator that it may leave out. */
function droppedOf(operator: string, { dropState = [] }: RestoreOptions): string[] {
  return dropState.flatMap((each) => {
    if (each === 'all') return [each]
    return each.startsWith(`${operator}/`) ? [each.slice(operator.length + 1)] : []
  })
}

function redistribute(
  job: string,
  snapshots: readonly LeftState[],
  parallelism: number,
  index: number,
): OperatorRestore {
  const keyGroups = new Map<number, unknown>()
  for (const { operator, keyGroups: groups } of snapshots) {
    for (const [keyGroup, state] of groups) {
      if (subtaskOfKeyGroup(keyGroup, parallelism) !== index) continue
      if (keyGroups.has(keyGroup))
        throw new LightflusError(
          'LF_CHECKPOINT_DAMAGED',
          `Job ${job}: the checkpoint holds key group ${keyGroup} of operator ${operator} twice.`,
          { details: { job, operator } },
        )
      keyGroups.set(keyGroup, state)
    }
  }
  const own = keyGroupsOfSubtask(index, parallelism)
  const segments = snapshots.flatMap(({ segments = [], had }) => {
    const common = commonKeyGroups(had, own)
    return common ? segments.flatMap((each) => partOf(each, common) ?? []) : []
  })
  const subtasks = snapshots.map(({ subtask }) => subtask)
  return { subtasks, keyGroups, ...(segments.length > 0 && { segments }) }
}

function partOf(segment: StateSegment, taken: KeyGroupRange): RestoredSegment | undefined {
  const keyGroups = commonKeyGroups(segment.keyGroups ?? taken, taken)
  return keyGroups && { ...segment, keyGroups }
}

function assertMatches(
  plan: PhysicalPlan,
  snapshots: readonly OperatorSnapshot[],
  { committedTo = 0, dropState = [] }: RestoreOptions,
): void {
  const kinds = new Map(plan.chains.flatMap(({ operators }) => operators.map(({ id, kind }) => [id, kind])))
  const strangers = snapshots
    .filter(({ operator, kind }) => kinds.get(operator) !== kind)
    .filter(({ kind, subtask }) => kind !== 'sink' || (subtask as PreparedOutput).checkpoint > committedTo)
    .filter(({ operator, kind }) => !dropState.includes(operator) && (kind === 'sink' || !dropState.includes('all')))
  if (strangers.length === 0) return
  const operators = [...new Set(strangers.map(({ operator }) => operator))]
  const described = new Set(strangers.map(({ operator, kind }) => describe(operator, kind, kinds.get(operator))))
  throw new LightflusError(
    'LF_RESTORE_MISMATCH',
    `Job ${plan.job}: the checkpoint holds state of ${[...described].join(', ')}, which the program does not have.`,
    {
      details: { job: plan.job, operators },
      nextStep: `Give the operators the names and kinds that they had, or drop what they remember: ${operators.map((id) => `--drop-state ${id}`).join(' ')}.`,
    },
  )
}

function describe(operator: string, kind: string, present: string | undefined): string {
  const output = kind === 'sink' ? ', with output that is not committed' : ''
  return present === undefined
    ? `${operator} (${kind}${output})`
    : `${operator} (${kind}${output}; it is ${present} now)`
}
