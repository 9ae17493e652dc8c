import { deploySchema, type Job, type RouteInput } from '@lightflus/contracts'

export interface DeployValues {
  version: number
  parallelism: number
  workers: number
  /** Name of a connection; empty: the platform's own Kafka. */
  exchange: string
  checkpointIntervalMs: number
  placement: 'shared' | 'dedicated'
  restore: boolean
}

/** What a deploy would do if nothing were changed: the newest version with the settings of the deployment before. */
export function deployDefaults(job: Job, version?: number): DeployValues {
  const spec = job.deployment?.spec
  return {
    version: version ?? job.latestVersion ?? 1,
    parallelism: spec?.parallelism ?? 1,
    workers: spec?.workers ?? 1,
    exchange: spec?.exchange ?? '',
    checkpointIntervalMs: spec?.checkpointIntervalMs ?? 1_000,
    placement: spec?.placement ?? 'shared',
    restore: true,
  }
}

export type DeployErrors = Partial<Record<keyof DeployValues, string>>

/** What the API would refuse, by field. */
export function deployErrors(values: DeployValues, latestVersion: number): DeployErrors {
  const checked = deploySchema.safeParse(deployBody(values))
  const errors: DeployErrors = {}
  for (const issue of checked.error?.issues ?? []) errors[issue.path[0] as keyof DeployValues] ??= issue.message
  if (!errors.version && values.version > latestVersion) errors.version = `The newest version is ${latestVersion}.`
  if (!errors.workers && values.workers > values.parallelism) errors.workers = 'At most one for each slot.'
  return errors
}

export function deployBody(values: DeployValues): RouteInput<'deployJob'>['body'] {
  return { ...values, exchange: values.exchange === '' ? null : values.exchange }
}
