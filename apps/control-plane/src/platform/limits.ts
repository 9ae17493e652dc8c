import type { RateLimit } from '../http/rate-limiter.ts'

/** The token under which {@link Limits} are injected. */
export const LIMITS = Symbol('Limits')

/** Bounds of what the platform takes and keeps. The defaults are what runs; tests lower or raise single ones. */
export interface Limits {
  /** Sign-ins and refreshes that one address may try. */
  readonly signInsPerAddress: RateLimit
  /** Sign-ins that may be tried for one e-mail, from anywhere. */
  readonly signInsPerEmail: RateLimit
  /** Newest log lines, result rows and checkpoints kept of a job. */
  readonly logLinesPerJobMax: number
  readonly resultRowsPerJobMax: number
  readonly checkpointsPerJobMax: number
  /** Live streams that one tenant may hold open at this control plane. */
  readonly liveStreamsPerTenantMax: number
  /** Losses of workers in a row after which a deployment fails. */
  readonly workersLostMax: number
  /** Silence after which a worker counts as hung although its process runs, milliseconds. */
  readonly workerSilenceMsMax: number
  /** How long a worker that hosts nothing is kept for the next deployment, milliseconds. */
  readonly workerIdleMsMax: number
}

const minuteMs = 60_000

export const defaultLimits: Limits = {
  signInsPerAddress: { requestsMax: 30, windowMs: minuteMs },
  signInsPerEmail: { requestsMax: 10, windowMs: minuteMs },
  logLinesPerJobMax: 5_000,
  resultRowsPerJobMax: 1_000,
  checkpointsPerJobMax: 100,
  liveStreamsPerTenantMax: 50,
  workersLostMax: 10,
  workerSilenceMsMax: 30_000,
  workerIdleMsMax: 30_000,
}
