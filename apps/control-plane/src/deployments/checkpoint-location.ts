import type { Config } from '../config/config.ts'

/** Where a job's log and checkpoints lie. By id: a job deleted and made anew under its name starts from nothing. */
export function checkpointLocation(config: Pick<Config, 'checkpointDir'>, tenantId: string, jobId: string): string {
  return `${tenantCheckpointLocation(config, tenantId)}/${jobId}`
}

/** What all of a tenant's checkpoints lie under. */
export function tenantCheckpointLocation({ checkpointDir }: Pick<Config, 'checkpointDir'>, tenantId: string): string {
  return `${checkpointDir}/${tenantId}`
}
