import type { LogState } from '@lightflus/storage'
import { readNewestCheckpoint, type ReadCheckpoint } from '../checkpoint/checkpoint-files.ts'
import { wantedBy, type RestoredSegments } from '../checkpoint/restored-segments.ts'
import type { ResolvedOptions } from '../deployment-options.ts'
import type { LogLine } from '../deployment.ts'

/**
 * The checkpoint that an attempt restores, with the segments of state that the slots of this process need on its disk. Those
 * of other workers are read through: whether the checkpoint is whole has to be known before any slot starts.
 * @param slots of this process
 * @throws as `readNewestCheckpoint`; the signal's reason
 */
export async function restoreCheckpoint(
  { storage, parallelism }: ResolvedOptions,
  log: LogState,
  {
    slots,
    disk,
    signal,
    say,
  }: {
    readonly slots: readonly number[]
    readonly disk: RestoredSegments
    /** The attempt is over. */
    readonly signal: AbortSignal
    readonly say: (level: LogLine['level'], message: string) => void
  },
): Promise<ReadCheckpoint | undefined> {
  const read = await readNewestCheckpoint(
    storage,
    log,
    ({ checkpoint }, error) =>
      say('error', `Checkpoint ${checkpoint} is passed over, so records are repeated. ${error.message}`),
    { ...wantedBy(slots, parallelism), disk, assertsOthers: true, signal },
  )
  await disk.keep(read?.segments ?? [])
  const from = read ? `from ${read.logged.kind} ${read.logged.checkpoint}` : 'without a checkpoint'
  const hosted = parallelism === 1 ? '1 slot' : `${parallelism} slots`
  say('info', `Attempt ${log.attempt} starts ${from}, with ${hosted}.`)
  return read
}
