import { Prisma } from '../generated/client.ts'
import type { TenantTransaction } from './database.ts'

/**
 * Removes all but the newest entries of a job.
 * @param which narrows what is counted and removed: a condition that begins with AND
 */
export async function trim(
  tx: TenantTransaction,
  table: 'log_line' | 'result_row' | 'job_event',
  jobId: string,
  kept: number,
  which: Prisma.Sql = Prisma.empty,
): Promise<void> {
  const name = Prisma.raw(table)
  const ofJob = Prisma.sql`tenant_id = ${tx.tenantId}::uuid AND job_id = ${jobId}::uuid ${which}`
  await tx.client.$executeRaw`
    DELETE FROM ${name} WHERE ${ofJob} AND id <= (
      SELECT id FROM ${name} WHERE ${ofJob} ORDER BY id DESC OFFSET ${kept} LIMIT 1)`
}
