import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LightflusError } from '@lightflus/api'
import { keyGroupCount } from '@lightflus/engine'
import type { DeploymentLimits, DeploymentOptions, RestartPolicy } from './deployment.ts'
import { placementProblems } from './placement.ts'

const mebibyte = 1_048_576

export const defaultSlotHeapBytesMax = 256 * mebibyte
const slotHeapBytesMin = 32 * mebibyte

const defaultRestart: RestartPolicy = { delayMs: 500, delayMsMax: 30_000, failuresMax: 10, windowMs: 600_000 }

const defaultLimits: DeploymentLimits = {
  slotSilenceMsMax: 30_000,
  slotStartMsMax: 60_000,
  workerSilenceMsMax: 10_000,
  checkpointMsMax: 600_000,
  checkpointPauseMsMin: 0,
  checkpointsKept: 3,
  savepointsKept: 10,
  logLinesPerSecondMax: 100,
}

type FilledPlainly =
  'connections' | 'standardOutput' | 'slotHeapBytesMax' | 'deploymentId' | 'stateBackend' | 'stateFolder'

/** The options with every default filled in. */
export type ResolvedOptions = Omit<DeploymentOptions, FilledPlainly | 'restart' | 'limits'> &
  Required<Pick<DeploymentOptions, FilledPlainly>> & {
    readonly restart: RestartPolicy
    readonly limits: DeploymentLimits
  }

interface Bound {
  readonly option: string
  readonly value: number
  readonly min: number
  readonly max?: number
}

function boundsOf({ parallelism, checkpointIntervalMs, slotHeapBytesMax, restart, limits }: ResolvedOptions): Bound[] {
  return [
    { option: 'parallelism', value: parallelism, min: 1, max: keyGroupCount },
    { option: 'slotHeapBytesMax', value: slotHeapBytesMax, min: slotHeapBytesMin },
    ...(checkpointIntervalMs === null || checkpointIntervalMs === 'auto'
      ? []
      : [{ option: 'checkpointIntervalMs', value: checkpointIntervalMs, min: 1, max: 0x7fffffff }]),
    { option: 'restart.delayMs', value: restart.delayMs, min: 1 },
    { option: 'restart.delayMsMax', value: restart.delayMsMax, min: restart.delayMs, max: 0x7fffffff },
    { option: 'restart.failuresMax', value: restart.failuresMax, min: 0 },
    { option: 'restart.windowMs', value: restart.windowMs, min: 1 },
    { option: 'limits.slotSilenceMsMax', value: limits.slotSilenceMsMax, min: 2_000 },
    { option: 'limits.slotStartMsMax', value: limits.slotStartMsMax, min: 1, max: 0x7fffffff },
    { option: 'limits.workerSilenceMsMax', value: limits.workerSilenceMsMax, min: 2_000 },
    { option: 'limits.checkpointMsMax', value: limits.checkpointMsMax, min: 1, max: 0x7fffffff },
    { option: 'limits.checkpointPauseMsMin', value: limits.checkpointPauseMsMin, min: 0, max: 0x7fffffff },
    { option: 'limits.checkpointsKept', value: limits.checkpointsKept, min: 1 },
    { option: 'limits.savepointsKept', value: limits.savepointsKept, min: 1 },
    { option: 'limits.logLinesPerSecondMax', value: limits.logLinesPerSecondMax, min: 1 },
  ]
}

/** @throws LF_DEPLOYMENT_OPTION with every option that is out of bounds */
export function resolveOptions(options: DeploymentOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    ...options,
    connections: options.connections ?? [],
    standardOutput: options.standardOutput ?? 'log',
    slotHeapBytesMax: options.slotHeapBytesMax ?? defaultSlotHeapBytesMax,
    deploymentId: options.deploymentId ?? randomUUID(),
    stateBackend: options.stateBackend ?? 'memory',
    stateFolder: options.stateFolder ?? join(tmpdir(), 'lightflus-state'),
    restart: { ...defaultRestart, ...options.restart },
    limits: { ...defaultLimits, ...options.limits },
  }
  const problems = boundsOf(resolved)
    .filter(({ value, min, max = Infinity }) => !Number.isInteger(value) || value < min || value > max)
    .map(({ option, value, min, max }) => {
      const bounds = max === undefined ? `of at least ${min}` : `from ${min} to ${max}`
      return `${option} must be a whole number ${bounds}; it is ${value}`
    })
  if (resolved.placement) problems.push(...placementProblems(resolved, resolved.placement))
  if (problems.length === 0) return resolved
  throw new LightflusError('LF_DEPLOYMENT_OPTION', `Job ${options.jobName}: ${problems.join('; ')}.`, {
    details: { job: options.jobName, problems },
  })
}
