import { decodeMessage, encodeMessage, type ToWorker } from '../../workers/control-messages.ts'
import { headBytes, type WorkerProcess } from '../../workers/session-link.ts'
import { checkpointFolder, type JobLog } from '@lightflus/storage'
import { CheckpointFiles } from '../../checkpoint/checkpoint-files.ts'

/** Says that a snapshot is stored when it has only been sent. */
export class HastyFiles extends CheckpointFiles {
  readonly #of: ConstructorParameters<typeof CheckpointFiles>[0]

  constructor(options: ConstructorParameters<typeof CheckpointFiles>[0]) {
    super(options)
    this.#of = options
  }

  override putSnapshot(...given: Parameters<CheckpointFiles['putSnapshot']>) {
    super.putSnapshot(...given).catch(() => undefined)
    const [subtask, checkpoint, file] = given
    const { attempt, plan } = this.#of
    const chain = plan.chains.findIndex(({ id }) => id === subtask.chain)
    const path = `${checkpointFolder(attempt, checkpoint)}${chain}-${subtask.index}`
    return Promise.resolve({ path, sha256: file.sha256, bytes: file.bytes.byteLength })
  }
}

/** A log that has left out no ids above those that it knows. */
export function withoutSpareIds(log: JobLog): JobLog {
  const wrapped: Pick<JobLog, keyof JobLog> = {
    get usable() {
      return log.usable
    },
    get attempt() {
      return log.attempt
    },
    get state() {
      const { state } = log
      return { ...state, checkpointsUsedTo: state.checkpoints.at(-1)?.checkpoint ?? 0 }
    },
    checkpoint: (checkpoint) => log.checkpoint(checkpoint),
    committed: (checkpoint) => log.committed(checkpoint),
    release: (usedTo) => log.release(usedTo),
    deleteOld: () => log.deleteOld(),
  }
  return wrapped as JobLog
}

/** What a coordinator says, as if this process were the one that takes part. */
export function asMember(record: Buffer, { worker, process }: WorkerProcess): Buffer {
  const message = decodeMessage<ToWorker>(record.subarray(headBytes))
  if (message.type !== 'start') return record
  const members = new Map([...message.members, [worker, process]])
  return Buffer.concat([record.subarray(0, headBytes), encodeMessage({ ...message, members })])
}
