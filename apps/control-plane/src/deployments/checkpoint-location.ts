import { locationBelow } from '@lightflus/storage'
import type { Config } from '../config/config.ts'

/** Where a job's log and checkpoints lie. By id: a job deleted and made anew under its name starts from nothing. */
export function checkpointLocation(config: Pick<Config, 'checkpoints'>, tenantId: string, jobId: string): string {
  return locationBelow(tenantCheckpointLocation(config, tenantId), jobId)
}

/** What all of a tenant's checkpoints lie under: what its workers' credentials are limited to. */
export function tenantCheckpointLocation({ checkpoints }: Pick<Config, 'checkpoints'>, tenantId: string): string {
  return locationBelow(checkpoints, tenantId)
}
