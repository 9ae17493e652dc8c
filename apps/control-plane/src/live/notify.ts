import type { TenantTransaction } from '../database/database.ts'

/** The Postgres channel on which every control plane hears what changed, whichever of them changed it. */
export const liveChannel = 'lightflus_live'

/** What of a job changed: the part of it that a live stream looks at again. */
export const liveKinds = ['status', 'metrics', 'logs', 'rows', 'event'] as const
export type LiveKind = (typeof liveKinds)[number]

export interface LiveNotice {
  readonly tenantId: string
  readonly jobId: string
  readonly kinds: readonly LiveKind[]
}

/** Tells live streams once the transaction is committed; nothing is told if it is undone. */
export async function notifyLive(tx: TenantTransaction, jobId: string, ...kinds: LiveKind[]): Promise<void> {
  const notice: LiveNotice = { tenantId: tx.tenantId, jobId, kinds }
  await tx.client.$executeRaw`SELECT pg_notify(${liveChannel}, ${JSON.stringify(notice)})`
}
