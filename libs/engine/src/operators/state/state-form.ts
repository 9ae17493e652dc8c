import { LightflusError, type Migrations } from '@lightflus/api'
import { canMigrate, migrateWith, type Migrate } from '../migration.ts'
import type { OperatorContext } from '../operator.ts'

/** Kind of each state, with the form of the accumulators where they are folded. */
export type StateKinds = Readonly<Record<string, string>>

/** What a checkpoint says of an operator's states. */
export interface StatesForm {
  readonly kinds: StateKinds
  /** Of the values of each state; absent: 1. */
  readonly versions?: Readonly<Record<string, number>>
}

/** How states of a checkpoint are taken: by name; undefined: as they are. Null: not at all. */
export type TakeState = (name: string) => Migrate | null | undefined

interface Misfit {
  readonly state: string
  readonly what: string
  readonly remedy: string
}

/**
 * How an operator takes over what a checkpoint holds of its states. One that the checkpoint does not hold starts empty.
 * @param dropped states that are left out where they cannot be taken; `all` among them: each
 * @throws LF_RESTORE_MISMATCH, naming every state that has no place here
 */
export function takeStates(
  context: OperatorContext,
  restored: StatesForm,
  present: StatesForm & { readonly migrations: Migrations },
  { dropped = [], owner = 'state' }: { readonly dropped?: readonly string[] | undefined; readonly owner?: string } = {},
): TakeState {
  const misfits = Object.keys(restored.kinds).flatMap((name) => misfitOf(name, restored, present) ?? [])
  const refused = misfits.filter(({ state }) => !dropped.includes(state) && !dropped.includes('all'))
  if (refused.length > 0) throw refusal(context, refused, owner)
  return (name) => {
    if (misfits.some(({ state }) => state === name)) return null
    const [from, to] = [versionIn(restored, name), versionIn(present, name)]
    return from === to
      ? undefined
      : migrateWith(context, `${owner} ${name}`, { from, to, migration: present.migrations[name]! })
  }
}

const versionIn = ({ versions }: StatesForm, name: string): number => versions?.[name] ?? 1

function misfitOf(
  state: string,
  restored: StatesForm,
  present: StatesForm & { readonly migrations: Migrations },
): Misfit | undefined {
  const kind = restored.kinds[state]!
  const now = present.kinds[state]
  if (now === undefined)
    return { state, what: `${state} (${kind}) is not in the program`, remedy: `give ${state} back` }
  if (now !== kind)
    return { state, what: `${state} is ${kind}, and ${now} in the program`, remedy: `give what is ${now} another name` }
  const [from, to] = [versionIn(restored, state), versionIn(present, state)]
  if (canMigrate(from, to, present.migrations[state])) return undefined
  const what = `${state} is of version ${from}, and of version ${to} in the program`
  return from > to
    ? {
        state,
        what,
        remedy: `deploy a program that knows version ${from} of ${state}, or start from a checkpoint of the former version (--from)`,
      }
    : { state, what: `${what}, which has no migrate`, remedy: `give ${state} a migrate` }
}

function refusal({ job, operator }: OperatorContext, misfits: readonly Misfit[], owner: string): LightflusError {
  const { id } = operator.node
  const states = misfits.map(({ state }) => state)
  const remedies = misfits.map(({ remedy }) => remedy).join('; ')
  const drop = states.map((state) => `--drop-state ${id}/${state}`).join(' ')
  return new LightflusError(
    'LF_RESTORE_MISMATCH',
    `Job ${job}: the checkpoint's ${owner} of operator ${id} does not fit: ${misfits.map(({ what }) => what).join('; ')}.`,
    {
      details: { job, operator: id, states },
      nextStep: `${remedies[0]!.toUpperCase()}${remedies.slice(1)}. Or drop what they remember: ${drop}.`,
    },
  )
}
