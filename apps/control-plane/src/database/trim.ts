import { Prisma } from '../generated/client.ts'
import type { TenantTransaction } from './database.ts'

/** Removes all but the newest entries of a job. */
export async function trim(
  tx: TenantTransaction,
  table: 'log_line' | 'result_row' | 'job_event',
  jobId: string,
  kept: number,
): Promise<void> {
  const name = Prisma.raw(table)
  const ofJob = Prisma.sql`tenant_id = ${tx.tenantId}::uuid AND job_id = ${jobId}::uuid`
  await tx.client.$executeRaw`
    DELETE FROM ${name} WHERE ${ofJob} AND id <= (
      SELECT id FROM ${name} WHERE ${ofJob} ORDER BY id DESC OFFSET ${kept} LIMIT 1)`
}
