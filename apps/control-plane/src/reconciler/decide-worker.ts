import type { WorkerPresence } from '../provisioner/provisioner.ts'

/** What is known of a worker; times are milliseconds since the epoch. */
export interface WorkerFacts {
  readonly presence: WorkerPresence
  /** Since when it runs, as far as its driver can tell. */
  readonly runningSince: number | null
  /** Deployments that it should host. */
  readonly hosted: number
  readonly removing: boolean
  /** When its present life was asked for; null: it is not placed, or its last life is over. */
  readonly startedAt: number | null
  readonly startAfter: number | null
  readonly lastSyncAt: number | null
  readonly idleSince: number | null
}

export interface WorkerRules {
  readonly silenceMsMax: number
  readonly idleMsMax: number
  /** Since when this control plane could have heard it: silence before that tells nothing. */
  readonly listeningSince: number
}

/**
 * `keep`: nothing to do. `start`: have it placed. `adopt`: it runs though no life of it is on record. `lost`: its life
 * is over. `hung`: it runs and is silent: end it, then it is lost. `rest`: it hosts nothing; note since when. `remove`:
 * it has hosted nothing for long enough. With each, when to look again at the latest, in milliseconds.
 */
export interface WorkerDecision {
  readonly act: 'keep' | 'start' | 'adopt' | 'lost' | 'hung' | 'rest' | 'remove'
  readonly againInMs?: number
}

/** Decides what brings a worker nearer to what it should be. Looks at nothing but its arguments. */
export function decideWorker(worker: WorkerFacts, rules: WorkerRules, now: number): WorkerDecision {
  if (worker.removing) return { act: 'remove' }
  if (worker.hosted === 0) {
    if (worker.idleSince === null) return { act: 'rest', againInMs: rules.idleMsMax }
    const restMs = worker.idleSince + rules.idleMsMax - now
    return restMs <= 0 ? { act: 'remove' } : { act: 'keep', againInMs: restMs }
  }
  if (worker.presence === 'absent' || worker.presence === 'ended') {
    if (worker.startedAt !== null) return { act: 'lost' }
    const waitMs = (worker.startAfter ?? 0) - now
    return waitMs <= 0 ? { act: 'start' } : { act: 'keep', againInMs: waitMs }
  }
  if (worker.startedAt === null) return { act: 'adopt' }
  if (worker.presence === 'starting') return { act: 'keep' }
  const heardAt = Math.max(worker.lastSyncAt ?? 0, worker.startedAt, worker.runningSince ?? 0, rules.listeningSince)
  const silenceLeftMs = heardAt + rules.silenceMsMax - now
  return silenceLeftMs <= 0 ? { act: 'hung' } : { act: 'keep' }
}

/** How long the next start waits after so many losses in a row: at once after the first, then twice as long each time. */
export function startDelayMs(losses: number): number {
  return losses <= 1 ? 0 : Math.min(30_000, 500 * 2 ** Math.min(losses - 1, 10))
}
