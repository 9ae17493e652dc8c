import {
  possibleVerbs,
  type DeploymentState,
  type Job,
  type LifecycleVerb,
  type RouteName,
  deploymentStateFacts,
} from '@lightflus/contracts'

export interface VerbView {
  readonly verb: LifecycleVerb
  readonly route: RouteName & `${LifecycleVerb}Job`
  readonly label: string
  /** What it does, for menus. */
  readonly does: string
  /** Asked before it is done; null: done at once, since it can be taken back. */
  readonly confirm: string | null
}

const verbs: Readonly<Record<LifecycleVerb, VerbView>> = {
  suspend: {
    verb: 'suspend',
    route: 'suspendJob',
    label: 'Suspend',
    does: 'Take a savepoint and pause',
    confirm: null,
  },
  resume: { verb: 'resume', route: 'resumeJob', label: 'Resume', does: 'Go on from the savepoint', confirm: null },
  stop: {
    verb: 'stop',
    route: 'stopJob',
    label: 'Stop',
    does: 'Take a savepoint and end for good',
    confirm: 'It takes a savepoint and ends for good. A later deploy may start from that savepoint.',
  },
  drain: {
    verb: 'drain',
    route: 'drainJob',
    label: 'Drain',
    does: 'Read no more, fire every window, end',
    confirm: 'It reads no more, fires every open window with what it holds, writes all results and ends for good.',
  },
  cancel: {
    verb: 'cancel',
    route: 'cancelJob',
    label: 'Cancel',
    does: 'End at once, without a savepoint',
    confirm:
      'It ends at once and takes no savepoint: what it did since the newest checkpoint is done again by a later deploy.',
  },
}

export interface JobHeaderView {
  readonly name: string
  readonly state: DeploymentState | null
  readonly sentence: string
  /** The one button that stands out; null where nothing is to be done but deploy. */
  readonly primary: VerbView | null
  readonly others: readonly VerbView[]
  readonly canDelete: boolean
}

export function presentJobHeader(job: Job): JobHeaderView {
  const state = job.deployment?.status.state ?? null
  const possible = state === null ? [] : possibleVerbs(state).map((verb) => verbs[verb])
  const primary = possible.find(({ verb }) => verb === 'suspend' || verb === 'resume') ?? null
  return {
    name: job.name,
    state,
    sentence: job.deployment?.status.sentence ?? 'It was never deployed.',
    primary,
    others: possible.filter((verb) => verb !== primary),
    canDelete: state === null || deploymentStateFacts[state].terminal,
  }
}
